/** Sends the counts of a test run, and the suites that failed, to the program that started Jest. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    // A spec file that can't even be loaded has no failed test, and must not look like success.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const bad = results.testResults.filter((suite) => suite.numFailingTests > 0 || suite.testExecError);
    const passedInFailed = bad.reduce((sum, suite) => sum + suite.numPassingTests, 0);
    const suites = bad.map((suite) => suite.testFilePath);
    process.send?.({ passed: results.numPassedTests, failed, passedInFailed, suites });
  }
}
