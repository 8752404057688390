namespace Paas.Languages;

/// <summary>What the node buildpack reads from a repository before it does anything.</summary>
public sealed class NodeChoicesTests : IDisposable
{
    private readonly BuildpackShell _shell = new("node");

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData(".nvmrc", "v22.3.0\r\n", "v22.3.0 from .nvmrc")]
    [InlineData(".nvmrc", "# ours\nlts/jod\n", "22.x from .nvmrc")]
    [InlineData(".nvmrc", "lts/*\n", "24.x from .nvmrc")]
    [InlineData(".node-version", "20\n", "20 from .node-version")]
    [InlineData(".tool-versions", "ruby 3.3.0\nnodejs 22.1.0\n", "22.1.0 from .tool-versions")]
    [InlineData("note.txt", "", ">=18 from package.json, under engines")]
    public void The_projects_own_files_say_which_node(string file, string text, string asked)
    {
        _shell.With("package.json", """{ "engines": { "node": ">=18" } }""").With(file, text);
        Assert.Equal(asked, Run("asked_node; printf '%s from %s' \"$asked_range\" \"$asked_where\""));
    }

    [Theory]
    [InlineData("pnpm-lock.yaml", "lockfileVersion: '9.0'\n", "pnpm 10")]
    [InlineData("pnpm-lock.yaml", "lockfileVersion: '6.0'\n", "pnpm 8")]
    [InlineData("yarn.lock", "# yarn lockfile v1\n", "yarn 1")]
    [InlineData("yarn.lock", "__metadata:\n  version: 8\n", "yarn 4")]
    [InlineData("yarn.lock", "__metadata:\n  version: 6\n", "yarn 3")]
    [InlineData("bun.lock", "{}", "bun >=1.2")]
    [InlineData("package-lock.json", "{}", "npm 11")]
    public void The_lock_file_says_which_package_manager(string file, string text, string manager)
    {
        _shell.With("package.json", """{ "dependencies": { "ms": "2.1.3" } }""").With(file, text);
        Assert.Equal(manager, Run("version=24.1.0; choose_manager; range_of_manager; printf '%s %s' \"$manager\" \"$manager_range\""));
    }

    [Fact]
    public void PackageManager_wins_over_lock_files_and_wants_its_own()
    {
        _shell.With("package.json", """{ "packageManager": "pnpm@9.12.3+sha512.abc", "dependencies": { "ms": "2.1.3" } }""").With("package-lock.json", "{}");
        var (code, _, error) = _shell.Run(Sourced + "choose_manager");
        Assert.Equal(1, code);
        Assert.Equal("lock_file_missing: package.json says under packageManager that pnpm installs the packages, but there is no pnpm-lock.yaml (there is package-lock.json). Run 'pnpm install' and commit the file, or name npm under packageManager.\n", error);

        _shell.With("pnpm-lock.yaml", "lockfileVersion: '9.0'\n");
        Assert.Equal("pnpm 9.12.3", Run("version=24.1.0; choose_manager; range_of_manager; printf '%s %s' \"$manager\" \"$manager_range\""));
    }

    [Theory]
    [InlineData("cross-env NODE_ENV=production node ./server.js", "sh|-c|exec env NODE_ENV=production node ./server.js")]
    [InlineData("node dist/main.js", "node|dist/main.js")]
    [InlineData("PORT=3000 node a.js", "node|a.js")]
    [InlineData("next start -p 3000", "sh|-c|exec next start -p $PORT")]
    [InlineData("node migrate.js && node a.js", "sh|-c|node migrate.js && exec node a.js")]
    [InlineData("node a.js | pino", "sh|-c|node a.js | pino")]
    public void A_start_script_becomes_the_process_itself(string script, string process)
    {
        _shell.With("package.json", "{}");
        Assert.Equal(process, Run($"manager=npm tools=() process=() needs_manager=false; by_script '{script}'; IFS='|'; printf '%s' \"${{process[*]}}\""));
    }

    [Theory]
    [InlineData("""{ "scripts": { "start": "npm run start:prod", "start:prod": "node dist/main" } }""", "node dist/main")]
    [InlineData("""{ "scripts": { "start": "nest start", "start:prod": "node dist/main" } }""", "node dist/main")]
    [InlineData("""{ "scripts": { "start": "next start -p $PORT" } }""", "next start -p $PORT")]
    [InlineData("""{ "scripts": { "start": "vite preview --host" } }""", "")]
    [InlineData("""{ "scripts": { "start": "cross-env NODE_ENV=development react-scripts start" } }""", "")]
    [InlineData("""{ "scripts": { "start": "ng serve" } }""", "")]
    [InlineData("""{ "scripts": { "start": "astro dev" } }""", "")]
    [InlineData("""{ "scripts": { "start": "NODE_ENV=production node server.js" } }""", "NODE_ENV=production node server.js")]
    [InlineData("""{ "scripts": { "start": "remix-serve ./build/server/index.js" } }""", "remix-serve ./build/server/index.js")]
    [InlineData("""{ "scripts": { "dev": "vite" } }""", "")]
    public void A_start_script_for_developers_is_none(string package, string script)
    {
        _shell.With("package.json", package);
        Assert.Equal(script, Run("start_script").Trim());
    }

    [Theory]
    [InlineData("""{ "scripts": { "build": "vite build", "preview": "vite preview" } }""", true)]
    [InlineData("""{ "scripts": { "build": "react-scripts build", "start": "react-scripts start" } }""", true)]
    [InlineData("""{ "scripts": { "build": "tsc", "start": "node dist/server.js" } }""", false)]
    [InlineData("""{ "scripts": { "start": "node server.js" } }""", false)]
    public void Nginx_is_asked_where_a_build_may_make_files_only(string package, bool site)
    {
        using var nginx = new BuildpackShell("static");
        nginx.With("package.json", package);
        Assert.Equal(site, nginx.Detects());
        Assert.True(_shell.With("package.json", package).Detects());
    }

    [Theory]
    [InlineData("""{ "scripts": { "build": "vite build" } }""", true)]
    [InlineData("""{ "scripts": { "lint": "eslint" } }""", false)]
    public void Beside_another_language_only_a_build_script_is_for_node(string package, bool passes)
    {
        _shell.With("requirements.txt", "flask\n").With("package.json", package);
        Assert.Equal(passes, _shell.Detects());
        Assert.True(_shell.Detects("BP_LANGUAGE=node"));
    }

    [Theory]
    [InlineData("npm error code E401", "", "npm_token_missing\tThe settings of the registry name the variable ACME_TOKEN, which this app does not have: paas config set ACME_TOKEN=<token>.")]
    [InlineData("npm error code E401", "ACME_TOKEN=x", "private_package\tThe registry wants a login.")]
    [InlineData("npm error gyp ERR! build error", "", "native_module_failed\t")]
    public void A_variable_of_npmrc_that_is_not_there_is_told_when_the_registry_refuses(string said, string variable, string hint)
    {
        _shell.With(".npmrc", "# ${NOT_MEANT}\n@acme:registry=https://npm.example.com/\n//npm.example.com/:_authToken=${ACME_TOKEN}\n").With("said", said + "\n");
        var (code, output, error) = _shell.Run(Sourced + "token_hints; hint_for said", variable.Length > 0 ? [variable] : []);
        Assert.True(code == 0, error);
        Assert.StartsWith(hint, output, StringComparison.Ordinal);
    }

    private const string Sourced = "layers=$CNB_LAYERS_DIR; for part in lib/package_json bin/lib bin/version bin/manager bin/install bin/scripts bin/launch; do . \"$CNB_BUILDPACK_DIR/$part.sh\"; done\n";

    [Theory]
    [InlineData("vite", "dist/index.html", true)]
    [InlineData("vite", "dist/index.html dist/about.html", false)]
    [InlineData("vite", "dist/index.html dist/404.html", false)]
    [InlineData("astro", "dist/index.html", false)]
    [InlineData("gatsby", "dist/index.html", false)]
    public void One_page_is_an_app_unless_its_generator_makes_a_page_for_each_path(string package, string files, bool single)
    {
        _shell.With("package.json", $$"""{ "dependencies": { "{{package}}": "5" } }""");
        foreach (var file in files.Split(' '))
        {
            _shell.With(file, "");
        }

        Assert.Equal(single ? "app" : "site", Run("site=dist; if single_page; then printf app; else printf site; fi"));
    }

    [Theory]
    [InlineData("error", "Missing: @x/y-darwin-arm64@ from lock file", "The lock file lacks optional packages of other systems (1), and nothing else: installing by it without them.\nnpm install --no-save --quiet\n", 0)]
    [InlineData("ERR!", "Missing: @x/y-darwin-arm64@ from lock file", "The lock file lacks optional packages of other systems (1), and nothing else: installing by it without them.\nnpm install --no-save --quiet\n", 0)]
    [InlineData("error", "Missing: ms@2.1.3 from lock file", "npm error code EUSAGE\nnpm error Missing: ms@2.1.3 from lock file\n", 1)]
    public void A_lock_file_without_packages_of_other_systems_is_taken_and_its_complaint_is_not_the_last_word(string level, string missing, string said, int code)
    {
        _shell.With("bin/npm", $"""
            #!/bin/sh
            [ "$1" = ci ] || exec echo "npm $*"
            echo 'npm {level} code EUSAGE'
            echo 'npm {level} {missing}'
            exit 1

            """);
        var ended = _shell.Run("chmod +x bin/npm; PATH=$PWD/bin:$PATH; bash \"$CNB_BUILDPACK_DIR/bin/npm-ci\" --quiet");
        Assert.Equal((said, code), (ended.Output, ended.Code));
    }

    private string Run(string script)
    {
        var (code, output, error) = _shell.Run(Sourced + script);
        Assert.True(code == 0, error);
        return output;
    }
}
