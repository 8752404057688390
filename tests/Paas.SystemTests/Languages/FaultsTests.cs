using System.Globalization;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>What people push by mistake, language by language: no lock file or one that does not fit, a version that does not exist, a private
/// package without credentials, code that does not compile. Each is one sentence, and the old release serves on.</summary>
public sealed class FaultsTests(Platform platform)
{
    private const string Why = "many pushes of each language";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Faults_of_python()
    {
        LongTests.Only(Why);
        await using var app = await PushedApp.CreateAsync(platform, "python-flask");
        await using var outside = await Outside.StartAsync();
        var site = await outside.ServeAsync(Site(("/latest.json", "{\"asset_url_prefix\": \"URL/files\"}"), ("/files/SHA256SUMS", $"{new string('0', 64)}  cpython-3.12.11+20250101-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz\n")));
        await app.SetAsync(("BP_PYTHON_STANDALONE", $"{site}/latest.json"), ("PIP_INDEX_URL", $"{site}/private/simple"), ("PIP_TRUSTED_HOST", outside.Address.ToString()));
        await DebianFixtures.WheelsAsync(Path.Combine(app.Folder, "wheels"), PythonTests.Flask);
        await app.CommitAsync("Wheels");
        (await app.PushAsync()).Succeeded();

        await app.RefusesAsync(
            "There is a Pipfile but no Pipfile.lock, so nobody can say which versions to install. Run 'pipenv lock' and commit Pipfile.lock.",
            ("requirements.txt", null), ("Pipfile", "[packages]\nflask = \"*\"\n"));
        await app.RefusesAsync(".python-version asks for Python 3.99, and there is no such version. There are 3.12.11 and Debian's 3.13.", (".python-version", "3.99\n"));
        await app.RefusesAsync("The package index refuses: it wants other credentials.", ("requirements.txt", "Flask==3.1.1\ngunicorn==23.0.0\npsycopg2==2.9.10\nof-the-team==1.0\n"));
        await app.RefusesAsync(
            "The Procfile starts celery, but the app's packages do not have it. Add celery to requirements.txt, and commit.",
            ("Procfile", "worker: celery -A app worker\n"));
        await app.RefusesAsync(
            "The file poetry.lock does not fit pyproject.toml. Run 'poetry lock' and commit poetry.lock.",
            ("pyproject.toml", "[tool.poetry]\nname = \"app\"\nversion = \"1.0.0\"\ndescription = \"\"\nauthors = []\n[tool.poetry.dependencies]\npython = \"^3.9\"\nflask = \"3.1.1\"\n"),
            ("poetry.lock", "[[package]]\nname = \"flask\"\nversion = \"3.1.1\"\ndescription = \"\"\noptional = false\npython-versions = \">=3.9\"\ngroups = [\"main\"]\nfiles = []\n\n[metadata]\nlock-version = \"2.1\"\npython-versions = \"^3.9\"\ncontent-hash = \"0000000000000000000000000000000000000000000000000000000000000000\"\n"));
    }

    [Fact]
    public async Task Faults_of_ruby()
    {
        LongTests.Only(Why);
        await using var app = await PushedApp.CreateAsync(platform, "ruby-sinatra");
        await using var outside = await Outside.StartAsync();
        var site = await outside.ServeAsync(Site(("/ruby/index.txt", $"ruby-3.4.8\thttps://example.com/ruby-3.4.8.tar.xz\t0\t{new string('0', 64)}\t0\n")));
        await app.SetAsync(("BP_RUBY_SITE", $"{site}/ruby"), ("BUNDLE_MIRROR__ALL", $"{site}/private"));
        await DebianFixtures.GemsAsync(Path.Combine(app.Folder, "vendor/cache"), RubyTests.Gems);
        await app.CommitAsync("Gems");
        (await app.PushAsync()).Succeeded();

        await app.RefusesAsync("There is a Gemfile but no Gemfile.lock, so nobody can say which versions to install. Run 'bundle install' and commit Gemfile.lock.", ("Gemfile.lock", null));
        await app.RefusesAsync("Gemfile.lock does not fit the Gemfile. Run 'bundle install' and commit Gemfile.lock.", app.Edited("Gemfile", "gem \"puma\"", "gem \"puma\"\ngem \"rack-cors\""));
        await app.RefusesAsync("Gemfile asks for Ruby 9.9.9, and there is no such Ruby. There are 3.4.8, older ones, and Debian's 3.3.", app.Edited("Gemfile", "~> 3.3.0", "9.9.9"));
        await app.RefusesAsync("The Gemfile cannot be read: Undefined local variable or method `gme'. Mend it and push again.", app.Edited("Gemfile", "gem \"puma\"", "gme \"puma\""));
        await app.RefusesAsync(
            $"A gem server wants credentials. Set them: paas config set BUNDLE_{outside.Address.ToString().Replace(".", "__", StringComparison.Ordinal)}=<user>:<password>.",
            app.Edited("Gemfile", "gem \"puma\"", "gem \"puma\"\ngem \"of-the-team\""),
            app.Edited("Gemfile.lock", ("    puma (6.6.0)\n", "    of-the-team (1.0.0)\n    puma (6.6.0)\n"), ("  puma\n  rake\n", "  of-the-team\n  puma\n  rake\n")));
    }

    [Fact]
    public async Task Faults_of_php()
    {
        LongTests.Only(Why);
        await using var app = await PushedApp.LiveAsync(platform, "php-composer");
        await using var outside = await Outside.StartAsync();
        var site = await outside.ServeAsync(Site());

        await app.RefusesAsync("composer.json has packages but there is no composer.lock, so nobody can say which versions to install. Run 'composer update' and commit composer.lock.", ("composer.lock", null));
        await app.RefusesAsync(
            "The file composer.lock does not fit composer.json: sample/other is missing or another version. Run 'composer update sample/other' and commit composer.lock.",
            app.Edited("composer.json", "\"sample/greeting\": \"1.0.0\"", "\"sample/greeting\": \"1.0.0\", \"sample/other\": \"^1\""));
        await app.RefusesAsync("require of composer.json asks for PHP ^99, and there is PHP 8.4.", app.Edited("composer.json", "\"^8.2\"", "\"^99\""));
        await app.RefusesAsync("Debian has no package for PHP's extension ext-nothing (for composer.json).", app.Edited("composer.json", "ext-pdo_pgsql", "ext-nothing"));
        await app.RefusesAsync("composer.lock is not valid JSON; often a merge has left its marks in it. Write it again with 'composer update --lock' and commit it.", ("composer.lock", "<<<<<<< HEAD\n"));
        await app.RefusesAsync(
            "Composer's script 'exit 3' (post-install-cmd) failed with exit 3: the lines above say why.",
            app.Edited("composer.json", "\"autoload\":", "\"scripts\": { \"post-install-cmd\": \"exit 3\" },\n    \"autoload\":"));
        await app.RefusesAsync(
            "A package repository refuses: it wants other credentials.",
            app.Edited("composer.json", ("\"autoload\":", "\"config\": { \"secure-http\": false },\n    \"autoload\":"), ("\"sample/greeting\": \"1.0.0\"", "\"sample/greeting\": \"1.0.0\", \"sample/secret\": \"1.0.0\"")),
            app.Edited("composer.lock", "\"packages\": [", $$"""
                "packages": [
                    { "name": "sample/secret", "version": "1.0.0", "type": "library", "dist": { "type": "zip", "url": "{{site}}/private/secret.zip", "reference": "1", "shasum": "" } },
                """));
    }

    [Fact]
    public async Task Faults_of_go()
    {
        LongTests.Only(Why);
        await using var app = await PushedApp.CreateAsync(platform, "go-mux");
        await using var outside = await Outside.StartAsync();
        var site = await outside.ServeAsync(Site(("/go/", """[{ "version": "go1.26.1", "stable": true, "files": [{ "filename": "go1.26.1.linux-amd64.tar.gz", "os": "linux", "arch": "amd64", "version": "go1.26.1", "sha256": "00", "kind": "archive" }] }]""")));
        await app.SetAsync(("BP_GO_SITE", $"{site}/go"), ("GOPROXY", $"{site}/private"));
        await GoTests.VendorAsync(app);
        await app.CommitAsync("Vendor");
        (await app.PushAsync()).Succeeded();

        await app.RefusesAsync("The folder vendor does not match go.mod. Run 'go mod vendor' and commit go.mod, go.sum and vendor.", app.Edited("go.mod", "v1.8.1", "v1.8.0"));
        await app.RefusesAsync("There is no Go for 'go.mod: go 9.99'. The newest of each line: 1.26.1. Debian's ", app.Edited("go.mod", "go 1.22", "go 9.99"));
        await app.RefusesAsync("Go could not compile the app. The first fault is in main.go:", ("main.go", "package main\n\nfunc main() { nothing() }\n"));
        Directory.Delete(Path.Combine(app.Folder, "vendor"), recursive: true);
        await app.RefusesAsync("go.mod has requirements but there is no go.sum, so nobody can check what is fetched. Run 'go mod tidy' and commit go.sum.", ("go.sum", null));
        Directory.Delete(Path.Combine(app.Folder, "vendor"), recursive: true);
        await app.RefusesAsync($"The module proxy {outside.Address}:4001 wants credentials. Set them with its address as a config var: paas config set GOPROXY=https://<user>:<token>@{outside.Address}:4001.");
    }

    [Fact]
    public async Task Faults_of_rust()
    {
        LongTests.Only(Why);
        await using var app = await PushedApp.CreateAsync(platform, "rust-counter");
        await using var outside = await Outside.StartAsync();
        var site = await outside.ServeAsync(Site());
        await app.SetAsync(("BP_RUST_SITE", $"{site}/rust"));
        (await app.PushAsync()).Succeeded();

        await app.RefusesAsync("There is no Cargo.lock, so nobody can say which crates to build with. Run 'cargo generate-lockfile' and commit it (look into .gitignore).", ("Cargo.lock", null));
        await app.RefusesAsync("The file Cargo.lock does not match Cargo.toml. Run 'cargo update --workspace' and commit it.", app.Edited("Cargo.toml", "version = \"1.0.0\"", "version = \"1.0.1\""));
        await app.RefusesAsync(
            "rust-toolchain.toml: 1.999 needs a Rust that Debian does not have (it has 1.85.",
            ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.999\"\n"));
        await app.RefusesAsync("The code does not compile. The first fault is in src/main.rs:1.", ("src/main.rs", "fn main() { nothing() }\n"));
        await app.RefusesAsync(
            "A registry or repository of crates wants credentials. Set CARGO_REGISTRIES_<NAME>_TOKEN as a config var, or vendor the crates with 'cargo vendor'.",
            app.Edited("Cargo.toml", "[dependencies]\n", "[dependencies]\nof-the-team = { version = \"1\", registry = \"acme\" }\n"),
            app.Edited("Cargo.lock", "version = \"1.0.0\"\n", $"version = \"1.0.0\"\ndependencies = [\n \"of-the-team\",\n]\n\n[[package]]\nname = \"of-the-team\"\nversion = \"1.0.0\"\nsource = \"sparse+{site}/private/\"\nchecksum = \"{new string('0', 64)}\"\n"),
            (".cargo/config.toml", $"[registries.acme]\nindex = \"sparse+{site}/private/\"\n"));
    }

    [Fact]
    public async Task Faults_of_java()
    {
        LongTests.Only(Why);
        await using var app = await PushedApp.CreateAsync(platform, "java-clock");
        await using var outside = await Outside.StartAsync();
        var site = await outside.ServeAsync(Site());
        await app.SetAsync(("BP_JAVA_SITE", $"{site}/java"));
        await JavaTests.JarAsync(app);
        await app.CommitAsync("Jar");
        (await app.PushAsync()).Succeeded();

        await app.RefusesAsync(
            "system.properties: 99 asks for Java 99, which Debian does not have (it has 21, 25), and [redacted] cannot be reached for it or has none. Ask for one of Debian's, or push again when it can.",
            ("system.properties", "java.runtime.version=99\n"));
        await app.RefusesAsync("There is a Gradle build but no gradlew, which says which Gradle builds it. Run 'gradle wrapper' and commit gradlew and the folder gradle.", ("build.gradle", "plugins { id 'java' }\n"));
        await app.RefusesAsync("The pom.xml cannot be read: the lines above say where. 'mvn validate' on your machine says the same.", ("pom.xml", "<project><nothing/>"));
        const string Pom = "<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version></project>";
        await app.RefusesAsync(
            "A package repository wants credentials. Commit a settings.xml that names them as ${env.NAME} (Maven) or read them by System.getenv (Gradle), and set those as config vars.",
            ("pom.xml", Pom), ("settings.xml", $"<settings><mirrors><mirror><id>acme</id><mirrorOf>*</mirrorOf><url>{site}/private</url></mirror></mirrors></settings>"));
        await app.RefusesAsync(
            "There is no package org.apache.maven.plugins:maven-",
            ("pom.xml", Pom), ("settings.xml", $"<settings><mirrors><mirror><id>acme</id><mirrorOf>*</mirrorOf><url>{site}/maven</url></mirror></mirrors></settings>"));
    }

    [Fact]
    public async Task Faults_of_dotnet()
    {
        LongTests.Only(Why);
        await using var app = await PushedApp.CreateAsync(platform, "dotnet-worker");
        await using var outside = await Outside.StartAsync();
        var site = await outside.ServeAsync(Site(("/dotnet/release-metadata/10.0/releases.json", """{ "releases": [{ "sdk": { "version": "10.0.100", "files": [{ "name": "dotnet-sdk-linux-x64.tar.gz", "rid": "linux-x64", "url": "https://example.com/sdk.tar.gz", "hash": "00" }] } }] }""")));
        await app.SetAsync(("BP_DOTNET_SITE", $"{site}/dotnet"));
        var push = await app.PushAsync();
        Assert.SkipWhen(push.Error.Contains("nuget_unreachable", StringComparison.Ordinal), "NuGet cannot be reached from builds here");
        push.Succeeded();

        await app.RefusesAsync("There is no .NET SDK 10.0.999 (disable). The newest of this line: 10.0.100.", ("global.json", """{ "sdk": { "version": "10.0.999", "rollForward": "disable" } }"""));
        await app.RefusesAsync("The code does not compile. The first fault is in Program.cs, line 1.", ("Program.cs", "Nothing();\n"));
        await app.RefusesAsync("A packages.lock.json does not match its project. Run 'dotnet restore --force-evaluate' and commit it.", ("packages.lock.json", """{ "version": 1, "dependencies": { "net10.0": { "Of.The.Team": { "type": "Direct", "requested": "[1.0.0, )", "resolved": "1.0.0", "contentHash": "AA==" } } } }"""));
        await app.RefusesAsync(
            "A package source wants credentials. Set them as config vars and name those in nuget.config as %NAME%, under packageSourceCredentials.",
            app.Edited("worker.csproj", "</Project>", "  <ItemGroup>\n    <PackageReference Include=\"Of.The.Team\" Version=\"1.0.0\" />\n  </ItemGroup>\n</Project>"),
            ("nuget.config", $"<configuration><packageSources><clear /><add key=\"acme\" value=\"{site}/private/index.json\" allowInsecureConnections=\"true\" /></packageSources></configuration>"));
    }

    [Fact]
    public async Task Faults_of_elixir()
    {
        LongTests.Only(Why);
        await using var app = await PushedApp.CreateAsync(platform, "elixir-plain");
        await using var outside = await Outside.StartAsync();
        var site = await outside.ServeAsync(Site(("/elixir/builds.txt", $"v1.19.5-otp-27 0 2026-01-01T00:00:00Z {new string('0', 64)}\n")));
        await app.SetAsync(("BP_ELIXIR_SITE", $"{site}/elixir"));
        (await app.PushAsync()).Succeeded();

        await app.RefusesAsync("mix.exs has packages but there is no mix.lock, so nobody can say which versions to install. Run 'mix deps.get' and commit mix.lock.", app.Edited("mix.exs", "deps: []", "deps: [\n      {:plug, \"~> 1.16\"}\n    ]"));
        await app.RefusesAsync("mix.exs asks for ~> 9.9, and Debian has Elixir 1.18.3; for Erlang 27, which Debian has, there are 1.19.5. Ask for 1.18 in mix.exs, try the app with it, and commit mix.exs; or push again when there is another.", app.Edited("mix.exs", "~> 1.15", "~> 9.9"));
        await app.RefusesAsync("The code is not valid Elixir at lib/hello.ex:2:", ("lib/hello.ex", "defmodule Hello do\n  def start(\n"));
        await app.RefusesAsync("The configuration wants the variable SHOP_KEY already while the app is built. Read it in config/runtime.exs, or set it: paas config set SHOP_KEY=<value>.", ("config/config.exs", "import Config\nSystem.fetch_env!(\"SHOP_KEY\")\n"));
        await app.RefusesAsync("The configuration reads config/prod.secret.exs, which is not in the repository;", ("config/config.exs", "import Config\nimport_config \"prod.secret.exs\"\n"));
    }

    /// <summary>Answers 401 below /private, these files (URL in them is its own address), and 404 for everything else.</summary>
    private static RequestDelegate Site(params (string Path, string Text)[] files) => context =>
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Path.StartsWithSegments("/private", StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.Headers.WWWAuthenticate = "Basic realm=\"team\"";
            return Task.CompletedTask;
        }

        if (files.FirstOrDefault(file => file.Path == request.Path) is not { Text: { } text })
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return response.WriteAsync(text.Replace("URL", string.Create(CultureInfo.InvariantCulture, $"{request.Scheme}://{request.Host}"), StringComparison.Ordinal), Cancelled);
    };
}
