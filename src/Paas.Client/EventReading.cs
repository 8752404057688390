using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Paas.Client;

/// <summary>Reads server-sent events (HTML Living Standard, 9.2) and goes on behind the last one when the connection breaks.</summary>
internal sealed class EventReading(ApiConnection api, TimeProvider time)
{
    private const int MostFailures = 12;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <param name="lastEventId">Where to go on; null: from the start.</param>
    /// <param name="isOver">Asked when the stream ends by itself; null: its end is the end. False: it is opened again behind the last event.</param>
    public async IAsyncEnumerable<SseItem<T>> ReadAsync<T>(
        string path, JsonTypeInfo<T> type, string? lastEventId, Func<CancellationToken, Task<bool>>? isOver, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failures = 0;
        var began = false;
        while (true)
        {
            var stream = ConnectionAsync(path, type, lastEventId, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (stream.ConfigureAwait(false))
            {
                while (true)
                {
                    SseItem<T> item;
                    try
                    {
                        if (!await stream.MoveNextAsync().ConfigureAwait(false))
                        {
                            break;
                        }

                        (item, failures, began) = (stream.Current, 0, true);
                    }
                    catch (Exception error) when (began && ++failures <= MostFailures && IsBroken(error))
                    {
                        break;
                    }

                    lastEventId = item.EventId ?? lastEventId;
                    yield return item;
                }
            }

            if (failures == 0 && await IsOverAsync(isOver, cancellationToken).ConfigureAwait(false))
            {
                yield break;
            }

            began = true;
            await Task.Delay(Pause(failures), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<SseItem<T>> ConnectionAsync<T>(
        string path, JsonTypeInfo<T> type, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (!string.IsNullOrEmpty(lastEventId))
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using var response = await api.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var parser = SseParser.Create(body, (_, data) => JsonSerializer.Deserialize(data, type)!);
        await foreach (var item in parser.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return item;
        }
    }

    /// <summary>A question that the platform cannot answer because it restarts is a "no": the next connection tells.</summary>
    private static async Task<bool> IsOverAsync(Func<CancellationToken, Task<bool>>? isOver, CancellationToken cancellationToken)
    {
        try
        {
            return isOver is null || await isOver(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (IsBroken(error))
        {
            return false;
        }
    }

    private static bool IsBroken(Exception error) => error is HttpRequestException or IOException or ProblemException { Status: 502 or 503 or 504 };

    private static TimeSpan Pause(int failures)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures, 10));
        return pause < LongestPause ? pause : LongestPause;
    }
}
