using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Paas.Testing;

/// <summary>Reads a stream of server-sent events one by one, as a client does.</summary>
internal sealed class EventReader<T> : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<T>> _items;

    private EventReader(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _items = SseParser.Create(stream, static (_, data) => JsonSerializer.Deserialize<T>(data, JsonSerializerOptions.Web)!).EnumerateAsync().GetAsyncEnumerator();
    }

    public static async Task<EventReader<T>> OpenAsync(HttpClient client, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new EventReader<T>(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Null at the end of the stream.</summary>
    public async Task<SseItem<T>?> NextAsync() =>
        await _items.MoveNextAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken) ? _items.Current : null;

    public ValueTask DisposeAsync()
    {
        // The response first: it ends the read that the enumerator may wait in.
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
