/** Sends the counts of a test run to the program that started Jest, which prints them when everything has ended. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    // A spec file that can't even be loaded has no failed test, and must not look like success.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.send?.({ passed: results.numPassedTests, failed });
  }
}
