using System.Net.ServerSentEvents;
using System.Text.Json;
using Paas.Client;

namespace Paas.Testing;

/// <summary>A reader of the event stream.</summary>
public sealed class EventReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    private EventReader(HttpResponseMessage answer, Stream stream, CancellationToken cancellationToken) =>
        (_answer, _items) = (answer, SseParser.Create(stream).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken));

    /// <param name="lastEventId">Null: the state first.</param>
    public static async Task<EventReader> OpenAsync(Platform platform, string? lastEventId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var answer = await platform.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return new EventReader(answer, await answer.Content.ReadAsStreamAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Reads until one for which the condition holds; that is the last of the list.</summary>
    public async Task<List<(string? Id, EventView Event)>> UntilAsync(Func<EventView, bool> last)
    {
        var read = new List<(string? Id, EventView Event)>();
        while (await _items.MoveNextAsync())
        {
            var view = JsonSerializer.Deserialize(_items.Current.Data, ContractJson.Default.EventView)!;
            Assert.Equal(view.Kind, _items.Current.EventType);
            read.Add((_items.Current.EventId, view));
            if (last(view))
            {
                return read;
            }
        }

        Assert.Fail($"The stream ended after {read.Count} events.");
        return read;
    }

    public async ValueTask DisposeAsync()
    {
        _answer.Dispose();
        await _items.DisposeAsync();
    }
}
