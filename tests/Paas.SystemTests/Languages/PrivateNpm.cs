using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Paas.Languages;

/// <summary>A private npm registry of one package: 401 without its token, as npm's own answers.</summary>
internal sealed class PrivateNpm
{
    public const string Token = "a-token-of-the-team";

    private readonly string _name;
    private readonly byte[] _archive;

    /// <param name="script">The package's index.js.</param>
    public PrivateNpm(string name, string script)
    {
        _name = name;
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip))
        {
            Add(tar, "package/package.json", $$"""{ "name": "{{name}}", "version": "1.0.0" }""");
            Add(tar, "package/index.js", script);
        }

        _archive = stream.ToArray();
    }

    private string Integrity => $"sha512-{Convert.ToBase64String(SHA512.HashData(_archive))}";

    private string Path => $"/{_name}/-/thing-1.0.0.tgz";

    public Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Headers.Authorization != $"Bearer {Token}")
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.Headers.WWWAuthenticate = "Bearer";
            return response.WriteAsJsonAsync(new { error = "You must be logged in to fetch this package." });
        }

        if (request.Path == Path)
        {
            return response.Body.WriteAsync(_archive, context.RequestAborted).AsTask();
        }

        var versions = new Dictionary<string, object>
        {
            ["1.0.0"] = new { name = _name, version = "1.0.0", dist = new { integrity = Integrity, tarball = $"{request.Scheme}://{request.Host}{Path}" } },
        };
        var latest = new Dictionary<string, string> { ["latest"] = "1.0.0" };
        return response.WriteAsJsonAsync(new Dictionary<string, object> { ["name"] = _name, ["dist-tags"] = latest, ["versions"] = versions });
    }

    /// <summary>A package-lock.json with an entry for the package.</summary>
    public string Lock(string text, string url) => text.Replace(
        "    \"node_modules/is-number\": {",
        $$"""    "node_modules/{{_name}}": { "version": "1.0.0", "resolved": "{{url}}{{Path}}", "integrity": "{{Integrity}}" },""" + "\n    \"node_modules/is-number\": {",
        StringComparison.Ordinal);

    private static void Add(TarWriter tar, string name, string text) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
}
