namespace Paas.Languages;

/// <summary>What npm, pnpm, yarn, bun and bundlers print when they fail, as they printed it, and the sentence it becomes.</summary>
public sealed class NodeHintsTests
{
    [Theory]
    [InlineData("npm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync.", "lock_file_outdated: package.json and package-lock.json disagree. Run 'npm install' and commit both.")]
    [InlineData("npm error The `npm ci` command can only install with an existing package-lock.json or", "lock_file_missing: The package-lock.json is empty or far too old.")]
    [InlineData(" ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\" because pnpm-lock.yaml is not up to date with <ROOT>/apps/web/package.json", "lock_file_outdated: apps/web/package.json and pnpm-lock.yaml disagree. Run 'pnpm install' and commit both.")]
    [InlineData("error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.", "lock_file_outdated: package.json and yarn.lock disagree. Run 'yarn install' and commit both.")]
    [InlineData("➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.", "lock_file_outdated: package.json and yarn.lock disagree.")]
    [InlineData("error: lockfile had changes, but lockfile is frozen", "lock_file_outdated: package.json and bun.lock disagree. Run 'bun install' and commit both.")]
    [InlineData("npm error code EINTEGRITY", "package_changed: ")]
    public void Lock_files(string said, string verdict) => Becomes(said, verdict);

    [Theory]
    [InlineData("npm error code E401", "private_package: The registry wants a login.")]
    [InlineData("npm error 404 Not Found - GET https://registry.example.com/@acme%2fthing", "private_package: The registry has no such package of @acme that may be fetched without a login.")]
    [InlineData(" ERR_PNPM_FETCH_404  GET https://registry.example.com/@acme%2Fthing: Not Found - 404", "private_package: The registry has no such package of @acme that")]
    [InlineData("error: GET https://registry.example.com/nothing-like-it - 404", "package_unknown: The registry does not have https://registry.example.com/nothing-like-it.")]
    [InlineData(" WARN  Issue while reading \".npmrc\". Failed to replace env in config: ${NPM_TOKEN}", "npm_token_missing: The settings of the registry name the variable NPM_TOKEN, which this app does not have: paas config set NPM_TOKEN=<token>.")]
    [InlineData("npm error notarget No matching version found for ms@99.0.0.", "version_not_found: The registry has no such version: ms@99.0.0. ")]
    [InlineData("npm error network request to https://registry.example.com/ms failed, reason: connect ECONNREFUSED 10.0.0.1:443", "registry_unreachable: ")]
    public void The_registry(string said, string verdict) => Becomes(said, verdict);

    [Theory]
    [InlineData("error x@: The engine \"node\" is incompatible with this module. Expected version \"18\". Got \"24.21.0\"", "engine_wrong: A package needs Node 18, and this app runs on 24.21.0.")]
    [InlineData("npm error code ERESOLVE", "peer_conflict: ")]
    [InlineData("Error: error:0308010C:digital envelope routines::unsupported", "openssl_old: ")]
    [InlineData("../src/binding.cc:3:10: fatal error: vips/vips8.h: No such file or directory", "native_module_failed: A native module needs the header vips/vips8.h. Name the Debian package that has it in an Aptfile")]
    [InlineData("gyp ERR! build error", "native_module_failed: ")]
    [InlineData("Error: Cannot find module @rollup/rollup-linux-x64-gnu. npm has a bug related to optional dependencies", "package_platform: ")]
    public void Versions_and_native_modules(string said, string verdict) => Becomes(said, verdict);

    [Theory]
    [InlineData("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "build_memory: ")]
    [InlineData("TypeError: process.stdin.setRawMode is not a function", "script_terminal: ")]
    [InlineData("env: 'node\\r': No such file or directory", "windows_line_endings: ")]
    [InlineData("build.sh: line 2: $'\\r': command not found", "windows_line_endings: ")]
    [InlineData("./build.sh: line 1: set: -\r: invalid option", "windows_line_endings: ")]
    [InlineData("sh: 1: next: not found", "tool_missing: The program next is not among the packages.")]
    [InlineData("Could not detect a supported production environment. See https://svelte.dev/docs/kit/adapters", "adapter_missing: ")]
    [InlineData("Error: Could not find Prisma Schema that is required for this command.", "schema_missing: ")]
    [InlineData("Error: Missing required environment variable: STRIPE_KEY", "env_missing: ")]
    [InlineData("Error: Cannot find module './Foo'", "module_missing: The file ./Foo was not found. On Linux, large and small letters in names differ")]
    [InlineData("[vite]: Rollup failed to resolve import \"axios\" from \"/workspace/src/main.ts\".", "module_missing: The package axios is not installed. Add it to package.json with 'npm install axios'")]
    [InlineData("src/server.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.", "types_wrong: ")]
    [InlineData("Error [ERR_REQUIRE_ESM]: require() of ES Module /workspace/node_modules/chalk/source/index.js", "require_of_module: ")]
    [InlineData("sh: 1: husky: not found", "git_hook: ")]
    [InlineData("Error: connect ECONNREFUSED 127.0.0.1:5432", "service_in_build: The build asks a service that builds do not reach: 127.0.0.1:5432.")]
    public void The_build(string said, string verdict) => Becomes(said, verdict);

    private static void Becomes(string said, string verdict)
    {
        using var shell = new BuildpackShell("node");
        Assert.StartsWith(verdict, shell.HintFor($"> build\n{said}\nand more\n"), StringComparison.Ordinal);
    }
}
