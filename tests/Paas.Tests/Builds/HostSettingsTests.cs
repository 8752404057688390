namespace Paas.Builds;

public sealed class HostSettingsTests
{
    private static HostSettings From(Dictionary<string, string> environment, params string[] npmrc) => HostSettings.From(environment, npmrc, [], null);

    [Fact]
    public void Proxies_reach_builds_in_both_cases()
    {
        var settings = From(new() { ["https_proxy"] = "http://proxy.lan:3128", ["NO_PROXY"] = "localhost,.lan" });

        Assert.Equal("http://proxy.lan:3128", settings.Proxies["HTTPS_PROXY"]);
        Assert.Equal("http://proxy.lan:3128", settings.Proxies["https_proxy"]);
        Assert.Equal("localhost,.lan", settings.Proxies["no_proxy"]);
        Assert.Equal([new System.Net.DnsEndPoint("proxy.lan", 3128)], settings.Hosts);
    }

    [Theory]
    [InlineData("http://user:secret@proxy.lan:3128", "http://proxy.lan:3128")]
    [InlineData("https://a:p@ss@mirror.lan/simple", "https://mirror.lan/simple")]
    [InlineData("user:secret@proxy.lan:3128", "proxy.lan:3128")]
    [InlineData("https://mirror.lan/@scope/x", "https://mirror.lan/@scope/x")]
    public void A_url_loses_user_and_password(string given, string handedOn) =>
        Assert.Equal(handedOn, From(new() { ["HTTP_PROXY"] = given }).Proxies["HTTP_PROXY"]);

    [Fact]
    public void Npm_registry_comes_from_its_files_and_the_environment_wins()
    {
        var file = "registry=https://files.lan/npm/\nhttps-proxy = http://me:pw@proxy.lan:3128\n";

        Assert.Equal("https://files.lan/npm/", From([], file).Variables["NPM_CONFIG_REGISTRY"]);
        Assert.Equal("http://proxy.lan:3128", From([], file).Variables["NPM_CONFIG_HTTPS_PROXY"]);
        Assert.Equal("https://env.lan/", From(new() { ["npm_config_registry"] = "https://env.lan/" }, file).Variables["NPM_CONFIG_REGISTRY"]);
    }

    [Fact]
    public void The_users_npmrc_wins_over_the_machines() =>
        Assert.Equal("https://mine.lan/", From([], "registry=https://mine.lan/", "registry=https://all.lan/").Variables["NPM_CONFIG_REGISTRY"]);

    [Fact]
    public void Tokens_and_everything_else_stay_on_the_host()
    {
        var settings = From(
            new() { ["NPM_TOKEN"] = "t0ken", ["AWS_SECRET_ACCESS_KEY"] = "s3cret", ["PATH"] = "/bin", ["npm_config__auth"] = "abc" },
            "//registry.lan/:_authToken=t0ken\n_auth=abc\n_password=pw\nregistry=https://registry.lan/\n");

        Assert.Equal(["NPM_CONFIG_REGISTRY"], settings.Variables.Keys);
        Assert.Empty(settings.Proxies);
    }

    [Fact]
    public void The_hosts_ca_bundle_is_named_to_every_program_that_brings_its_own()
    {
        using var folder = new TempFolder();
        var bundle = folder.Write("ca.crt", "certificates");

        var settings = From(new() { ["SSL_CERT_FILE"] = bundle });

        Assert.Equal(bundle, settings.CaBundle);
        Assert.Equal(HostSettings.CaBundleInside, settings.Variables["NODE_EXTRA_CA_CERTS"]);
        Assert.Equal(HostSettings.CaBundleInside, settings.Variables["PIP_CERT"]);
    }

    [Fact]
    public void Sources_of_NuGet_that_anybody_may_ask_reach_builds()
    {
        const string User = """
            <?xml version="1.0" encoding="utf-8"?>
            <configuration>
              <packageSources>
                <add key="nuget.org" value="https://api.nuget.org/v3/index.json" protocolVersion="3" />
                <add key="our own" value="https://nuget.lan:8443/v3/index.json" />
                <add key="secret" value="https://me:pw@other.lan/v3/index.json" />
                <add key="folder" value="/srv/packages" />
                <add key="off" value="https://off.lan/v3/index.json" />
              </packageSources>
              <packageSourceCredentials><our_x0020_own><add key="ClearTextPassword" value="s3cret" /></our_x0020_own></packageSourceCredentials>
              <disabledPackageSources><add key="off" value="true" /></disabledPackageSources>
            </configuration>
            """;
        const string Machine = """<configuration><packageSources><add key="mirror" value="https://mirror.lan/index.json" /></packageSources></configuration>""";

        var settings = HostSettings.From(new Dictionary<string, string> { ["NUGET_CERT_REVOCATION_MODE"] = "offline" }, [], ["\uFEFF" + User, "no XML", Machine], null);

        Assert.Equal("https://api.nuget.org/v3/index.json https://mirror.lan/index.json", settings.Variables["PAAS_NUGET_SOURCES"]);
        Assert.Equal("offline", settings.Variables["NUGET_CERT_REVOCATION_MODE"]);
        Assert.Equal(["api.nuget.org", "mirror.lan"], settings.Hosts.Select(host => host.Host));
    }

    [Fact]
    public void Without_a_bundle_nothing_is_said_of_certificates() =>
        Assert.Empty(From(new() { ["SSL_CERT_FILE"] = "/nowhere/ca.crt" }).Variables);
}
