using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>What a person has at hand who works with the platform's registry: a home of their own with the clients' settings in it, a small image
/// that runs anywhere, and repositories that are gone with it.</summary>
internal sealed class ClientLab : IAsyncDisposable
{
    public const string Greeting = "Hello from a pushed image";

    private readonly Platform _platform;
    private readonly List<string> _repositories = [];

    private ClientLab(Platform platform)
    {
        _platform = platform;
        // buildah wants it to be there.
        File.WriteAllText(AuthFile, "{}");
        Visitor = platform.Visitor();
        Visitor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"any:{platform.Token}")));
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("paas-clients-").FullName;

    /// <summary>An address, because every client takes plain HTTP for loopback.</summary>
    public string Host => $"127.0.0.1:{_platform.Port}";

    public string Token => _platform.Token;

    /// <summary>Requests by hand, to <see cref="Url"/>.</summary>
    public HttpClient Visitor { get; }

    /// <summary>Where the clients keep what "login" gave them.</summary>
    public string AuthFile => $"{Folder}/auth.json";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static ClientLab Start(Platform platform)
    {
        platform.SkipIfMissing();
        return new ClientLab(platform);
    }

    public string Url(string rest) => $"{_platform.Url}/v2/{rest}";

    /// <summary>A repository that stands alone and that no other test has; its host before it is <see cref="Host"/>.</summary>
    public string Repository(string part = "one")
    {
        var name = $"clients/t{Guid.NewGuid().ToString("N")[..8]}/{part}";
        _repositories.Add(name);
        return name;
    }

    public Task<Ended> SkopeoAsync(params string[] arguments) => RunAsync("/usr/bin/skopeo", ["--insecure-policy", .. arguments]);

    public Task<Ended> BuildahAsync(params string[] arguments) =>
        RunAsync("/usr/bin/buildah", ["--root", $"{Folder}/storage", "--runroot", $"{Folder}/run", "--storage-driver", "vfs", .. arguments]);

    public Task<Ended> RunAsync(string program, IEnumerable<string> arguments)
    {
        Assert.SkipUnless(File.Exists(program), $"{Path.GetFileName(program)} is not installed: run tests/run.sh");
        // Its cache of blobs that it knows would mount instead of push; a proxy of the machine has no business here.
        return Command.RunAsync(program, arguments, Cancelled, Folder, new Dictionary<string, string>
        {
            ["HOME"] = Folder,
            ["XDG_DATA_HOME"] = $"{Folder}/data",
            ["XDG_RUNTIME_DIR"] = Folder,
            ["REGISTRY_AUTH_FILE"] = AuthFile,
            ["NO_PROXY"] = "127.0.0.1",
            ["no_proxy"] = "127.0.0.1",
        });
    }

    /// <summary>A static program that says <see cref="Greeting"/>.</summary>
    public async Task<string> ProgramAsync()
    {
        var program = $"{Folder}/hello";
        if (!File.Exists(program))
        {
            (await Command.RunAsync("musl-gcc", ["-static", "-Os", "-s", "-o", program, Path.Combine(AppContext.BaseDirectory, "hello.c")], Cancelled)).Succeeded();
        }

        return program;
    }

    /// <summary>An image of that program in an OCI layout; its "folder:tag".</summary>
    public async Task<string> LayoutAsync(string tag, string architecture = "amd64")
    {
        var layout = $"{Folder}/layout-{tag}-{architecture}";
        Directory.CreateDirectory($"{layout}/root");
        Directory.CreateDirectory($"{layout}/blobs/sha256");
        File.Copy(await ProgramAsync(), $"{layout}/root/hello", overwrite: true);
        (await Command.RunAsync("tar", ["-C", $"{layout}/root", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "-cf", $"{layout}/layer", "."], Cancelled)).Succeeded();
        var layer = Keep(layout, await File.ReadAllBytesAsync($"{layout}/layer", Cancelled));
        var config = Keep(layout, Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"{{{architecture}}}","os":"linux","config":{"Entrypoint":["/hello"]},"rootfs":{"type":"layers","diff_ids":["{{{layer.Digest}}}"]}}"""));
        var manifest = Keep(layout, Encoding.UTF8.GetBytes(
            $$$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{{Descriptor("application/vnd.oci.image.config.v1+json", config)}}},"layers":[{{{Descriptor("application/vnd.oci.image.layer.v1.tar", layer)}}}]}"""));
        await File.WriteAllTextAsync($"{layout}/oci-layout", """{"imageLayoutVersion":"1.0.0"}""", Cancelled);
        var named = Descriptor("application/vnd.oci.image.manifest.v1+json", manifest)[..^1];
        await File.WriteAllTextAsync($"{layout}/index.json", $$$"""{"schemaVersion":2,"manifests":[{{{named}}},"annotations":{"org.opencontainers.image.ref.name":"{{{tag}}}"} }]}""", Cancelled);
        return $"oci:{layout}:{tag}";
    }

    /// <summary>Copies that image into a repository.</summary>
    public async Task PushAsync(string repository, string tag) =>
        (await SkopeoAsync("copy", "--quiet", "--dest-tls-verify=false", "--dest-creds", $"any:{Token}", await LayoutAsync(tag), $"docker://{Host}/{repository}:{tag}")).Succeeded();

    /// <summary>By hand, as an artifact's tool does it.</summary>
    public async Task<string> BlobAsync(string repository, string content)
    {
        var digest = DigestOf(Encoding.UTF8.GetBytes(content));
        using var done = await Visitor.PostAsync(new Uri(Url($"{repository}/blobs/uploads/?digest={digest}")), new StringContent(content), Cancelled);
        Assert.True(done.StatusCode == HttpStatusCode.Created, await done.Content.ReadAsStringAsync(Cancelled));
        return $$"""{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{{digest}}","size":{{content.Length}}}""";
    }

    public static string DigestOf(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _repositories)
        {
            await _platform.SendAsync(HttpMethod.Delete, $"/registry/repositories/{name}", null, CancellationToken.None);
        }

        Visitor.Dispose();
        await Command.RunAsync("/usr/bin/umount", ["--recursive", "--quiet", $"{Folder}/storage/vfs"], CancellationToken.None);
        Directory.Delete(Folder, recursive: true);
    }

    private static (string Digest, long Size) Keep(string layout, byte[] content)
    {
        var digest = DigestOf(content);
        File.WriteAllBytes($"{layout}/blobs/sha256/{digest[7..]}", content);
        return (digest, content.Length);
    }

    private static string Descriptor(string type, (string Digest, long Size) blob) => $$"""{"mediaType":"{{type}}","digest":"{{blob.Digest}}","size":{{blob.Size}}}""";
}
