using Paas.Oci;
using Paas.State;
using Paas.Testing;

namespace Paas.Registry;

public sealed class UpstreamOptionsTests : IDisposable
{
    private readonly TempHome _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Without_a_file_it_is_a_cache_of_Docker_Hub()
    {
        var options = UpstreamOptions.Read(_temp.Home);
        var hub = options.Upstreams.Single();
        Assert.Equal(("docker.io", TimeSpan.FromMinutes(10), TimeSpan.FromDays(30)), (hub.Name, hub.Revalidate, options.KeepUnused));
        Assert.Null(hub.Credentials);
        Assert.Equal(("https://registry-1.docker.io/", "library/node"), (hub.ImageOf("node").Registry.ToString(), hub.ImageOf("node").Repository.ToString()));
        Assert.Equal("grafana/grafana", hub.ImageOf("grafana/grafana").Repository.ToString());
    }

    [Fact]
    public void The_sample_that_is_installed_says_what_holds_without_it()
    {
        File.Copy(Repository.PathOf("install/paas.json"), Path.Combine(_temp.Home.Root, "paas.json"));
        var (sample, defaults) = (UpstreamOptions.Read(_temp.Home), new UpstreamOptions());
        Assert.Equal(defaults.Upstreams.Select(upstream => upstream.ImageOf("a/b").ToString()), sample.Upstreams.Select(upstream => upstream.ImageOf("a/b").ToString()));
        Assert.Equal(defaults.Upstreams.Select(upstream => (upstream.Name, upstream.Revalidate, upstream.Credentials)), sample.Upstreams.Select(upstream => (upstream.Name, upstream.Revalidate, upstream.Credentials)));
        Assert.Equal(defaults.KeepUnused, sample.KeepUnused);
    }

    [Fact]
    public void Several_registries_with_a_login_from_a_file_of_its_own()
    {
        Directory.CreateDirectory(_temp.Home.Keys);
        var login = Path.Combine(_temp.Home.Keys, "ghcr");
        File.WriteAllText(login, "robot\nsecret\n");
        File.SetUnixFileMode(login, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var options = Read("""
            { // others' sections are others'
              "edge": { "x": 1 },
              "registry": { "keepUnusedDays": 7, "upstreams": [
                { "name": "ghcr.io", "credentialsFile": "ghcr", "revalidateSeconds": 60 },
                { "name": "mirror.lan", "url": "http://10.0.0.5:5000" }, ] } }
            """);
        Assert.Equal(new RegistryCredentials("robot", "secret"), options.Upstreams[0].Credentials);
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)), (options.Upstreams[0].Revalidate, options.KeepUnused));
        Assert.Equal("http://10.0.0.5:5000/", options.Upstreams[1].ImageOf("a/b").Registry.ToString());
        Assert.Empty(Read("""{ "registry": { "upstreams": [] } }""").Upstreams);
    }

    [Fact]
    public void What_the_registry_takes_at_most_is_in_the_same_file()
    {
        File.Copy(Repository.PathOf("install/paas.json"), Path.Combine(_temp.Home.Root, "paas.json"));
        Assert.Equal(new RegistryOptions(), RegistryOptions.Read(_temp.Home));
        Read("""{ "registry": { "maxGigabytes": 200, "maxBlobGigabytes": 5 } }""");
        var options = RegistryOptions.Read(_temp.Home);
        Assert.Equal((200L << 30, 5L << 30), (options.MaxBytes!.Value, options.MaxBlob));
        Read("""{ "registry": { "maxBlobGigabytes": 0 } }""");
        Assert.Contains("registry.maxBlobGigabytes is a number of GB, 1 or more", Assert.Throws<UserError>(() => RegistryOptions.Read(_temp.Home)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "registry": { "upstreams": [ { "name": "docker" } ] } }""", "'docker' is no name, which is like a host's")]
    [InlineData("""{ "registry": { "upstreams": [ { "name": "a.b", "url": "ftp://a.b" } ] } }""", "the url of a.b is like https://registry.example.com:5000")]
    [InlineData("""{ "registry": { "upstreams": [ { "name": "a.b", "url": "https://u:p@a.b" } ] } }""", "without a password")]
    [InlineData("""{ "registry": { "upstreams": [ { "name": "a.b", "credentialsFile": "none" } ] } }""", "there is no file")]
    [InlineData("""{ "registry": { "upstreams": [ { "name": "a.b", "revalidateSeconds": -1 } ] } }""", "revalidateSeconds of a.b is a number from 0 to 86400")]
    [InlineData("""{ "registry": { "upstreams": [ { "name": "a.b" }, { "name": "a.b" } ] } }""", "names a.b twice")]
    [InlineData("""{ "registry": { "keepUnusedDays": 0 } }""", "keepUnusedDays is a number of days from 1 to 3650")]
    [InlineData("""{ "registry": """, "cannot be read")]
    public void What_is_wrong_in_the_file_is_said(string json, string part) =>
        Assert.Contains(part, Assert.Throws<UserError>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_login_that_others_can_read_is_refused()
    {
        Directory.CreateDirectory(_temp.Home.Keys);
        var login = Path.Combine(_temp.Home.Keys, "open");
        File.WriteAllText(login, "robot\nsecret\n");
        File.SetUnixFileMode(login, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("set its mode to 0600", Assert.Throws<UserError>(() => Read("""{ "registry": { "upstreams": [ { "name": "a.b", "credentialsFile": "open" } ] } }""")).Message, StringComparison.Ordinal);
    }

    private UpstreamOptions Read(string json)
    {
        File.WriteAllText(Path.Combine(_temp.Home.Root, "paas.json"), json);
        return UpstreamOptions.Read(_temp.Home);
    }
}
