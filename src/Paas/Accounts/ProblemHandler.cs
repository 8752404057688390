using Microsoft.AspNetCore.Diagnostics;
using Paas.State;

namespace Paas.Accounts;

/// <summary>Turns what an endpoint throws into problem details: the user's fault with its own code and sentence, ours as "internal" with a trace id.</summary>
internal sealed partial class ProblemHandler(IHostApplicationLifetime lifetime, ILogger<ProblemHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        switch (exception)
        {
            case UserError error:
                await Problems.WriteAsync(httpContext, error.Status, error.Code, error.Message);
                return true;
            case BadHttpRequestException bad:
                await Problems.WriteAsync(httpContext, bad.StatusCode, "bad_request", $"The request cannot be read: {bad.Message}");
                return true;
            case OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested:
                return true;
            case OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested:
                await Problems.WriteAsync(
                    httpContext, StatusCodes.Status503ServiceUnavailable, "platform_stopping", "The platform is stopping. Look at what became of this when it is back: paas deploys");
                return true;
            default:
                var trace = System.Diagnostics.Activity.Current?.TraceId.ToHexString() ?? httpContext.TraceIdentifier;
                LogInternal(exception, httpContext.Request.Method, WithoutSecret(httpContext.Request.Path), trace);
                await Problems.WriteAsync(
                    httpContext, StatusCodes.Status500InternalServerError, "internal", $"The platform failed to do this. Its log says why under trace {trace}.", trace);
                return true;
        }
    }

    /// <summary>The last part of a sign-in link is a secret.</summary>
    private static PathString WithoutSecret(PathString path) => path.StartsWithSegments("/signin", StringComparison.OrdinalIgnoreCase) ? "/signin" : path;

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed (trace {Trace})")]
    private partial void LogInternal(Exception exception, string method, PathString path, string trace);
}
