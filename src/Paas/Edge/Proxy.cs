using Yarp.ReverseProxy.Forwarder;

namespace Paas.Edge;

/// <summary>Answers every public request: host name to app or control, one endpoint, one retry when it could not be reached.</summary>
/// <remarks>Runs on the socket's thread (EdgeOptions.InlineCompletions): nothing here may block.</remarks>
internal sealed partial class Proxy(LiveTable table, IHttpForwarder forwarder, Upstreams upstreams, GrantCache grants, BlobSender blobs, EdgeOptions options, TimeProvider time, ILogger<Proxy> logger)
{
    private const string UploadInvalid = "BLOB_UPLOAD_INVALID";
    private const string Unavailable = "UNAVAILABLE";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskControlAgain = TimeSpan.FromMilliseconds(100);
    private readonly EdgeTransformer _toApps = new();
    private readonly ControlExchange _toControl = new(new EdgeTransformer(), grants, blobs);

    public Task HandleAsync(HttpContext context)
    {
        var host = HostOf(context.Request);
        return table.Find(host) switch
        {
            TargetKind.App => ToAppAsync(context, host),
            TargetKind.Platform => ToControlAsync(context),
            TargetKind.NotYetKnown => ErrorPage.WriteAsync(context, 503, "Starting", "The platform is starting and does not know its apps yet. Try again in a moment.", Soon),
            _ => ErrorPage.WriteAsync(context, 404, "No such app", host.Length == 0
                ? "The request names no host, so it leads to no app."
                : $"No app is served at {host}. If it is yours, check its name with `paas apps list` and its domains with `paas domains list`.", null),
        };
    }

    private static string HostOf(HttpRequest request)
    {
        var host = request.Host.Host;
        return host.EndsWith('.') ? host[..^1] : host;
    }

    private async Task ToAppAsync(HttpContext context, string host)
    {
        Endpoint? tried = null;
        var exchange = new AppExchange(_toApps, time, time.GetTimestamp());
        while (true)
        {
            var endpoint = table.Enter(host, tried, out var route);
            exchange.Route = route ?? exchange.Route;
            if (endpoint is null)
            {
                await (tried is null
                    ? ErrorPage.WriteAsync(context, 503, "Not available", route?.Sentence is { Length: > 0 } sentence ? sentence : $"No instance of {route?.App ?? host} is healthy.", Soon)
                    : RefusedAsync(context, route));
                exchange.End(context);
                return;
            }

            ForwarderError error;
            try
            {
                error = await forwarder.SendAsync(context, endpoint.Prefix, upstreams.Apps, upstreams.AppRequests, exchange, CancellationToken.None);
            }
            finally
            {
                endpoint.Leave();
            }

            if (error == ForwarderError.None)
            {
                return;
            }

            if (!NotReached(context, error))
            {
                exchange.End(context);
                await BrokenAsync(context, route!.App);
                return;
            }

            if (endpoint.Avoid())
            {
                LogRefused(route!.App, endpoint.Id, Reason(context));
            }

            if (tried is not null)
            {
                await RefusedAsync(context, route);
                exchange.End(context);
                return;
            }

            tried = endpoint;
            TryAgain(context);
        }
    }

    private Task ToControlAsync(HttpContext context) => _toControl.TryRepeat(context, out var sent) ? sent : AskControlAsync(context);

    private async Task AskControlAsync(HttpContext context)
    {
        var began = time.GetTimestamp();
        RegistryBody.Bound(context, options);
        while (true)
        {
            var error = await forwarder.SendAsync(context, "http://control", upstreams.Control, upstreams.ControlRequests, _toControl, CancellationToken.None);
            if (error == ForwarderError.None)
            {
                await _toControl.FinishAsync(context);
                return;
            }

            if (error == ForwarderError.RequestBodyClient)
            {
                await (Failure(context) is Microsoft.AspNetCore.Http.BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }
                    ? ErrorPage.WriteAsync(context, 408, "Too slow", "Almost nothing of the request's body came for minutes, so it was ended.", null, UploadInvalid)
                    : ErrorPage.WriteAsync(context, 400, "Bad request", "The request's body is malformed, or ended before all of it had come.", null, UploadInvalid));
                return;
            }

            if (!NotReached(context, error) || context.RequestAborted.IsCancellationRequested)
            {
                await ErrorPage.WriteAsync(context, 502, "Interrupted", "The platform stopped while it answered. Apps go on serving; try again in a moment.", Soon, Unavailable);
                return;
            }

            if (time.GetElapsedTime(began) >= options.WaitForControl)
            {
                await ErrorPage.WriteAsync(context, 503, "Restarting", "The platform is restarting; apps go on serving. Try again in a moment.", Soon, Unavailable);
                return;
            }

            TryAgain(context);
            await Task.Delay(AskControlAgain, time, CancellationToken.None);
        }
    }

    /// <summary>The connect failed: not a byte of the request was sent, so another try repeats nothing, whatever its method.</summary>
    private static bool NotReached(HttpContext context, ForwarderError error) =>
        !context.Response.HasStarted
        && error is ForwarderError.Request or ForwarderError.RequestTimedOut
        && Failure(context) is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
            or OperationCanceledException { InnerException: TimeoutException };

    private static Exception? Failure(HttpContext context) => context.Features.Get<IForwarderErrorFeature>()?.Exception;

    private static string Reason(HttpContext context) => Failure(context) is { } failure ? (failure.InnerException ?? failure).Message : "unknown";

    /// <summary>YARP forwards only what has no response yet.</summary>
    private static void TryAgain(HttpContext context)
    {
        context.Response.Clear();
        context.Features.Set<IForwarderErrorFeature>(null);
    }

    private static Task RefusedAsync(HttpContext context, LiveRoute? route) =>
        ErrorPage.WriteAsync(context, 502, "Not reachable", $"{route?.App ?? "The app"} does not accept connections at the moment. Its log tells why: `paas logs --app {route?.App}`.", Soon);

    private static Task BrokenAsync(HttpContext context, string app) => context.Response.StatusCode switch
    {
        504 => ErrorPage.WriteAsync(context, 504, "No answer", $"{app} did not answer in time.", null),
        502 => ErrorPage.WriteAsync(context, 502, "Broken off", $"{app} broke off the connection before its answer was complete. Its log tells why: `paas logs --app {app}`.", null),
        _ => Task.CompletedTask,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{App}: instance {Endpoint} cannot be reached ({Reason}); others are asked first.")]
    private partial void LogRefused(string app, string endpoint, string reason);
}
