using Microsoft.AspNetCore.Http.Features;
using Paas.Oci;
using Yarp.ReverseProxy.Forwarder;

namespace Paas.Edge;

/// <summary>Requests to control: it is told that the edge can send blobs itself, and its word on that is taken. What it granted a moment ago
/// is repeated without it.</summary>
internal sealed class ControlExchange(EdgeTransformer transformer, GrantCache grants, BlobSender blobs) : HttpTransformer
{
    /// <summary>Bytes: a smaller body is sooner sent than asked about.</summary>
    private const long LargeBody = 64 << 10;

    /// <summary>Answers what control has granted. False: control must be asked.</summary>
    public bool TryRepeat(HttpContext context, out Task sent)
    {
        sent = Task.CompletedTask;
        if (RepeatableTarget(context) is not { } target || grants.Find(target, context.Request.Headers.Authorization) is not { } grant)
        {
            return false;
        }

        foreach (var (name, value) in grant.Headers)
        {
            context.Response.Headers[name] = value;
        }

        sent = SendAsync(context, grant);
        return true;
    }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await transformer.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.TryAddWithoutValidation(BlobDelivery.CanSendHeader, "1");

        // HttpClient sends all of a body before it reads the answer, unless control has refused it by then (RFC 9110, 10.1.1).
        if (proxyRequest.Content is not (null or ByteArrayContent) && httpContext.Request.ContentLength is null or > LargeBody)
        {
            proxyRequest.Headers.ExpectContinue = true;
        }
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (!await transformer.TransformResponseAsync(httpContext, proxyResponse, cancellationToken))
        {
            return false;
        }

        var isOffered = Grant.TryReadOffer(proxyResponse!.Headers, out var epoch, out var hold);
        if (proxyResponse.Headers.NonValidated.TryGetValues(BlobDelivery.BlobHeader, out var digest))
        {
            var headers = Grant.HeadersOf(httpContext.Response.Headers);
            httpContext.Items[typeof(ControlExchange)] = new Answer(isOffered, digest.ToString(), new Grant(epoch, grants.End(hold), headers, null, null));
            return false;
        }

        if (isOffered && proxyResponse.Content.Headers.ContentLength <= Grant.MaxContent)
        {
            var content = await proxyResponse.Content.ReadAsByteArrayAsync(cancellationToken);
            var headers = Grant.HeadersOf(httpContext.Response.Headers);
            httpContext.Items[typeof(ControlExchange)] = new Answer(isOffered, null, new Grant(epoch, grants.End(hold), headers, null, content));
            return false;
        }

        return true;
    }

    /// <summary>After control has answered: sends what it left to the edge, if anything.</summary>
    public async Task FinishAsync(HttpContext context)
    {
        if (!context.Items.Remove(typeof(ControlExchange), out var item) || item is not Answer answer)
        {
            return;
        }

        var grant = answer.Grant;
        if (answer.Blob is { } text)
        {
            await BlobDelivery.OffTheSocketsThread();
            if (!Digest.TryParse(text, out var digest) || blobs.SizeOf(digest) is not { } size)
            {
                await BlobSender.RefuseAsync(context, text);
                return;
            }

            grant = grant with { Blob = digest, Content = answer.IsOffered && size <= Grant.MaxContent ? await blobs.ReadAsync(digest, context.RequestAborted) : null };
        }

        if (answer.IsOffered && RepeatableTarget(context) is { } target)
        {
            grants.Keep(target, context.Request.Headers.Authorization, grant);
        }

        await SendAsync(context, grant);
    }

    private async Task SendAsync(HttpContext context, Grant grant)
    {
        if (grant.Blob is { } blob && (grant.Content is null || context.Request.Headers.Range.Count > 0))
        {
            await blobs.SendAsync(context, blob);
            return;
        }

        context.Response.ContentLength = grant.Content!.Length;
        await context.Response.BodyWriter.WriteAsync(grant.Content, context.RequestAborted);
    }

    /// <summary>As it stands in the request: another spelling is another grant. Null: only control may answer. A condition is its to judge, and
    /// a HEAD asks it to hold on to a blob.</summary>
    private static string? RepeatableTarget(HttpContext context)
    {
        var headers = context.Request.Headers;
        return HttpMethods.IsGet(context.Request.Method)
            && context.Features.Get<IHttpRequestFeature>()!.RawTarget is var target
            && target.StartsWith("/v2/", StringComparison.Ordinal)
            && headers.IfNoneMatch.Count + headers.IfMatch.Count + headers.IfModifiedSince.Count + headers.IfUnmodifiedSince.Count + headers.IfRange.Count == 0
                ? target
                : null;
    }

    /// <summary>What is still to be sent.</summary>
    /// <param name="Blob">Digest as control wrote it; null: <see cref="Grant.Content"/> is there.</param>
    private sealed record Answer(bool IsOffered, string? Blob, Grant Grant);
}
