using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Paas.Oci;

/// <summary>Another registry, on real Kestrel: holds what the test puts in, asks for the login that the test wants, and misbehaves as told.</summary>
internal sealed class TestUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestUpstream()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>"127.0.0.1:port".</summary>
    public string Host => new Uri(_app.Urls.Single()).Authority;

    /// <summary>By "name/manifests/reference" or "name/blobs/digest".</summary>
    public ConcurrentDictionary<string, (string Type, byte[] Content)> Documents { get; } = new();

    /// <summary>Method, path, range and Authorization of each request, in order.</summary>
    public ConcurrentQueue<(string Method, string Path, string Range, string Authorization)> Requests { get; } = new();

    /// <summary>Runs before what this would do; true: it has answered.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = _ => Task.FromResult(false);

    public static async Task<TestUpstream> StartAsync()
    {
        var upstream = new TestUpstream();
        await upstream._app.StartAsync(TestContext.Current.CancellationToken);
        return upstream;
    }

    public ImageReference Image(string rest) => ImageReference.Parse($"http://{Host}/{rest}");

    public Descriptor Blob(string name, byte[] content, string type = MediaTypes.LayerGzip)
    {
        var digest = Digest.Of(content);
        Documents[$"{name}/blobs/{digest}"] = (type, content);
        return new Descriptor { MediaType = type, Digest = digest, Size = content.Length };
    }

    public Descriptor Manifest(string name, string tag, byte[] content, string type = MediaTypes.Manifest)
    {
        var digest = Digest.Of(content);
        Documents[$"{name}/manifests/{digest}"] = Documents[$"{name}/manifests/{tag}"] = (type, content);
        return new Descriptor { MediaType = type, Digest = digest, Size = content.Length };
    }

    /// <summary>An image of one layer for this machine, or for another.</summary>
    public Descriptor Image(string name, string tag, TempStore.MadeLayer layer, RunConfig? run = null, string? architecture = null)
    {
        var config = new ImageConfig { Architecture = architecture ?? Images.Architecture, Os = "linux", Config = run, RootFs = new RootFs { DiffIds = [layer.DiffId] } };
        var manifest = new Manifest
        {
            Config = Blob(name, JsonSerializer.SerializeToUtf8Bytes(config, OciJson.Canonical.ImageConfig), MediaTypes.Config),
            Layers = [Blob(name, layer.Blob, MediaTypes.Layer)],
        };
        return Manifest(name, tag, JsonSerializer.SerializeToUtf8Bytes(manifest, OciJson.Canonical.Manifest));
    }

    /// <summary>Basic, or bearer at the registry's own /token, with this login; the token is "ok".</summary>
    public void Demand(string user, string password, bool bearer) => Before = async context =>
    {
        var login = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";
        var given = context.Request.Headers.Authorization.ToString();
        if (bearer && context.Request.Path == "/token")
        {
            context.Response.StatusCode = given == login ? 200 : 401;
            await context.Response.WriteAsync(given == login ? """{"access_token":"ok"}""" : """{"errors":[{"code":"UNAUTHORIZED"}]}""");
            return true;
        }

        if (given == (bearer ? "Bearer ok" : login))
        {
            return false;
        }

        context.Response.StatusCode = 401;
        context.Response.Headers.WWWAuthenticate = bearer ? $"Bearer realm=\"http://{Host}/token\",service=\"a b\",scope=\"repository:team/app:pull\"" : "Basic realm=\"x\"";
        return true;
    };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        Requests.Enqueue((request.Method, request.Path + request.QueryString.ToString(), request.Headers.Range.ToString(), request.Headers.Authorization.ToString()));
        if (await Before(context))
        {
            return;
        }

        if (request.Path == "/v2/")
        {
            return;
        }

        if (!Documents.TryGetValue(request.Path.Value!["/v2/".Length..], out var document))
        {
            response.StatusCode = 404;
            return;
        }

        var from = request.Headers.Range.ToString() is { Length: > 0 } range ? int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        response.ContentType = document.Type;
        if (from > 0)
        {
            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{document.Content.Length - 1}/{document.Content.Length}";
        }
        else if (request.Path.Value!.Contains("/manifests/", StringComparison.Ordinal))
        {
            response.Headers["Docker-Content-Digest"] = Digest.Of(document.Content).ToString();
        }

        response.ContentLength = document.Content.Length - from;
        if (HttpMethods.IsGet(request.Method))
        {
            await response.Body.WriteAsync(document.Content.AsMemory(from), context.RequestAborted);
        }
    }
}
