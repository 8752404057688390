using System.Buffers;
using System.Net.ServerSentEvents;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace Paas.Logs;

/// <summary>Server-sent events (HTML Living Standard, 9.2) with what TypedResults.ServerSentEvents lacks: a comment every 15 s,
/// so that no proxy on the way ends a quiet stream, an end when control stops, so that it need not wait for its readers, and an event
/// "end" without data where there is no more to come: a stream that breaks off without it is to be taken up again.</summary>
/// <param name="items">Called once with a token that fires when the reader is gone or control stops.</param>
internal sealed class EventStream<T>(Func<CancellationToken, IAsyncEnumerable<SseItem<T>>> items) : IResult, IEndpointMetadataProvider
{
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["text/event-stream"]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var time = services.GetRequiredService<TimeProvider>();
        var type = (JsonTypeInfo<T>)services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions.GetTypeInfo(typeof(T));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            httpContext.RequestAborted, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        httpContext.Response.ContentType = "text/event-stream";
        httpContext.Response.Headers.CacheControl = "no-cache,no-store";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await WriteAllAsync(httpContext.Response, type, time, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader left or control stops: a stream has no other end.
        }
    }

    private async Task WriteAllAsync(HttpResponse response, JsonTypeInfo<T> type, TimeProvider time, CancellationToken cancellationToken)
    {
        var body = response.BodyWriter;
        body.Write(":\n\n"u8);
        await using var enumerator = items(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Task<bool> next;
        do
        {
            next = enumerator.MoveNextAsync().AsTask();
            try
            {
                while (!next.IsCompleted)
                {
                    // What is waiting goes out before the wait; many at once go out together.
                    await body.FlushAsync(cancellationToken);
                    if (!await CameAsync(next, time, cancellationToken))
                    {
                        body.Write(":\n\n"u8);
                    }
                }
            }
            finally
            {
                // An iterator must not be disposed while it moves; the token ends its move.
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (await next)
            {
                Write(body, enumerator.Current, type);
            }
        }
        while (await next);

        // Nobody who reads by the standard hears an event without data; who knows of it need not ask again for what has ended.
        cancellationToken.ThrowIfCancellationRequested();
        body.Write("event: end\n\n"u8);
        await body.FlushAsync(cancellationToken);
    }

    /// <summary>False when it is time for a heartbeat.</summary>
    private static async Task<bool> CameAsync(Task<bool> next, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(HeartbeatEvery, time, cancellationToken);
            return true;
        }
        catch (TimeoutException) when (!next.IsCompleted)
        {
            return false;
        }
    }

    private static void Write(IBufferWriter<byte> body, SseItem<T> item, JsonTypeInfo<T> type)
    {
        if (item.EventId is { } id)
        {
            Encoding.UTF8.GetBytes($"id: {id}\n", body);
        }

        Encoding.UTF8.GetBytes($"event: {item.EventType}\ndata: ", body);
        // One line: the serializer escapes line ends.
        body.Write(JsonSerializer.SerializeToUtf8Bytes(item.Data, type));
        body.Write("\n\n"u8);
    }
}
