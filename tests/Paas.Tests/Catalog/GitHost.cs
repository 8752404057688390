using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Paas.Catalog;

/// <summary>Somebody else's git server: a real Kestrel before "git http-backend" (its manual names the CGI variables).</summary>
internal sealed class GitHost : IAsyncDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("paas-githost-");
    private readonly WebApplication _web;

    private GitHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _web = builder.Build();
        _web.Run(ServeAsync);
    }

    public Uri Url => new(_web.Urls.Single());

    /// <summary>What each request is to be answered with instead; null: git answers.</summary>
    public Func<HttpContext, int?> Before { get; set; } = _ => null;

    public List<string> Authorizations { get; } = [];

    public static async Task<GitHost> StartAsync()
    {
        var host = new GitHost();
        await host._web.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>A repository with one commit on the branch main.</summary>
    /// <returns>The commit.</returns>
    public string Make(string name, params (string Path, string Content, bool Executable)[] files)
    {
        var work = Path.Combine(_root.FullName, name);
        Directory.CreateDirectory(work);
        foreach (var (path, content, executable) in files)
        {
            var file = Path.Combine(work, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, content);
            File.SetUnixFileMode(file, executable ? BuildpackFiles.Executable : BuildpackFiles.Plain);
        }

        Git(work, "init", "--quiet", "--initial-branch=main");
        Git(work, "config", "uploadpack.allowAnySHA1InWant", "true");
        Git(work, "add", "--all");
        Git(work, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "first");
        return Git(work, "rev-parse", "HEAD").Trim();
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _root.Delete(recursive: true);
    }

    private static string Git(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("git", ["-C", folder, .. arguments]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private async Task ServeAsync(HttpContext context)
    {
        Authorizations.Add(context.Request.Headers.Authorization.ToString());
        if (Before(context) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["GIT_PROJECT_ROOT"] = _root.FullName;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["PATH_INFO"] = context.Request.Path;
        start.Environment["QUERY_STRING"] = context.Request.QueryString.Value!.TrimStart('?');
        start.Environment["REQUEST_METHOD"] = context.Request.Method;
        start.Environment["CONTENT_TYPE"] = context.Request.ContentType ?? "";
        start.Environment["HTTP_CONTENT_ENCODING"] = context.Request.Headers.ContentEncoding.ToString();
        start.Environment["GIT_PROTOCOL"] = context.Request.Headers["Git-Protocol"].ToString();
        using var backend = Process.Start(start)!;
        await context.Request.Body.CopyToAsync(backend.StandardInput.BaseStream);
        backend.StandardInput.Close();
        using var output = new MemoryStream();
        await backend.StandardOutput.BaseStream.CopyToAsync(output);
        var (head, body) = Split(output.ToArray());
        foreach (var line in head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = line.Split(": ", 2) is [var key, var rest] ? (key, rest) : (line, "");
            if (name == "Status")
            {
                context.Response.StatusCode = int.Parse(value.AsSpan(0, 3), CultureInfo.InvariantCulture);
            }
            else
            {
                context.Response.Headers[name] = value;
            }
        }

        await context.Response.Body.WriteAsync(body);
    }

    private static (string Head, ReadOnlyMemory<byte> Body) Split(byte[] output)
    {
        var end = output.AsSpan().IndexOf("\r\n\r\n"u8);
        return (System.Text.Encoding.ASCII.GetString(output, 0, end), output.AsMemory(end + 4));
    }
}
