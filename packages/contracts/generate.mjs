import module from 'node:module';

// The generator runs from its sources, because the build of this package waits for it. Node strips the types by itself;
// what it does not do is find `x.ts` where the sources say `x.js`.
if (!module.registerHooks || !process.features.typescript) {
  console.error(
    `Node ${process.version} can not run TypeScript. Run \`npm run generate\`, which takes the pinned Node.`,
  );
  process.exit(1);
}
const sources = new URL('./src/', import.meta.url).href;
module.registerHooks({
  resolve(specifier, context, next) {
    const ours = specifier.startsWith('.') && context.parentURL?.startsWith(sources);
    return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});

const { main } = await import('./src/generator/main.ts');
process.exitCode = main(import.meta.dirname, process.argv.slice(2), (line) => console.log(line));
