using System.Collections.Concurrent;
using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Paas.Languages;

/// <summary>The site of a language's makers: files on a real socket, and which of them were asked for.</summary>
internal sealed class MakersSite : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly WebApplication _web;

    private MakersSite(IPAddress address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, 0));
        _web = builder.Build();
        _web.Run(async context =>
        {
            var path = context.Request.Path.Value!;
            _asked.Enqueue(path);
            if (_files.TryGetValue(path, out var content))
            {
                await context.Response.Body.WriteAsync(content);
            }
            else
            {
                context.Response.StatusCode = 404;
            }
        });
    }

    public string Url => _web.Urls.Single().TrimEnd('/');

    /// <summary>Of what is there, SHA-256 in hex.</summary>
    public IEnumerable<string> Hashes => _files.Values.Select(content => Convert.ToHexStringLower(SHA256.HashData(content)));

    /// <summary>Paths, one for each request.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public static async Task<MakersSite> StartAsync(IPAddress? address = null)
    {
        var site = new MakersSite(address ?? IPAddress.Loopback);
        await site._web.StartAsync(TestContext.Current.CancellationToken);
        return site;
    }

    /// <returns>The content's SHA-256 in hex.</returns>
    public string Put(string path, byte[] content)
    {
        _files[path] = content;
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    public byte[] Get(string path) => _files[path];

    public void Remove(string path) => _files.TryRemove(path, out _);

    /// <inheritdoc cref="Put(string, byte[])"/>
    public string Put(string path, string text) => Put(path, Encoding.UTF8.GetBytes(text));

    /// <summary>All files of a folder, each under its place in it.</summary>
    public void PutFolder(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Put($"/{Path.GetRelativePath(folder, file)}", File.ReadAllBytes(file));
        }
    }

    /// <summary>An archive of programs, compressed by xz where its name ends so, else by gzip.</summary>
    /// <inheritdoc cref="Put(string, byte[])"/>
    public string PutTar(string path, params (string Name, string Text)[] files)
    {
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { Mode = (UnixFileMode)0b111_101_101, DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        return Put(path, Compress(archive.ToArray(), path.EndsWith(".xz", StringComparison.Ordinal) ? "xz" : "gzip"));
    }

    public async ValueTask DisposeAsync() => await _web.DisposeAsync();

    private static byte[] Compress(byte[] content, string program)
    {
        var file = Path.GetTempFileName();
        File.WriteAllBytes(file, content);
        using var process = Process.Start(new ProcessStartInfo(program, ["-c", file]) { RedirectStandardOutput = true })!;
        using var compressed = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(compressed);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        File.Delete(file);
        return compressed.ToArray();
    }
}
