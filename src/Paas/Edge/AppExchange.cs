using Yarp.ReverseProxy.Forwarder;

namespace Paas.Edge;

/// <summary>One request to an app: counted once, when the head of the app's answer is there (a stream may go on for hours), or when it is clear that none comes.</summary>
/// <param name="began">Of <paramref name="time"/>, when the request had arrived.</param>
internal sealed class AppExchange(EdgeTransformer transformer, TimeProvider time, long began) : HttpTransformer
{
    private bool _counted;

    /// <summary>Of the app that the host led to at the last try.</summary>
    public LiveRoute? Route { get; set; }

    public override ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken) =>
        transformer.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is not null && !_counted)
        {
            _counted = true;
            Route?.Requests.Answered((int)proxyResponse.StatusCode, time.GetElapsedTime(began));
        }

        return transformer.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }

    /// <summary>The app answers no more: what it has not answered is the edge's to answer, or the client is gone.</summary>
    public void End(HttpContext context)
    {
        if (_counted)
        {
            return;
        }

        _counted = true;

        // A status below 500: the request itself was broken (its body, its upgrade).
        if (context.RequestAborted.IsCancellationRequested || context.Response.StatusCode < 500)
        {
            Route?.Requests.CountAbandoned();
        }
        else
        {
            Route?.Requests.CountUnserved();
        }
    }
}
