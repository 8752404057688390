using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using static Paas.Client.ContractJson;

namespace Paas.Client;

/// <content>Builds and what they keep.</content>
public sealed partial class PaasClient
{
    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<BuildView>> BuildsAsync(string app, int limit = 25, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"builds?limit={Text(limit)}"), Default.IReadOnlyListBuildView, cancellationToken);

    public Task<BuildView> BuildAsync(string app, int number, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, $"builds/{Text(number)}"), Default.BuildView, cancellationToken);

    public Task<BuildView> CancelBuildAsync(string app, int number, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Post, Of(app, $"builds/{Text(number)}/cancel"), null, Default.BuildView, cancellationToken);

    public Task<BuildCacheView> BuildCacheAsync(string app, CancellationToken cancellationToken = default) =>
        _api.GetAsync(Of(app, "builds/cache"), Default.BuildCacheView, cancellationToken);

    public Task<BuildCachesView> BuildCachesAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("builds/cache", Default.BuildCachesView, cancellationToken);

    /// <returns>What was there before.</returns>
    public Task<BuildCacheView> ClearBuildCacheAsync(string app, CancellationToken cancellationToken = default) =>
        _api.SendAsync(HttpMethod.Delete, Of(app, "builds/cache"), null, Default.BuildCacheView, cancellationToken);

    /// <summary>Builds a folder without a release. It says lines, and the build as its last event; leaving the loop cancels the build.</summary>
    /// <param name="writeTar">Writes the folder as a tar, plain or gzipped.</param>
    public async IAsyncEnumerable<LocalBuildEvent> BuildFolderAsync(
        string app, Func<Stream, CancellationToken, Task> writeTar, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var body = new WrittenContent(writeTar);
        using var request = new HttpRequestMessage(HttpMethod.Post, Of(app, "builds")) { Content = body };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await _api.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var parser = SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize(data, Default.LocalBuildEvent)!);
        await foreach (var item in parser.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return item.Data;
        }
    }

    /// <summary>A body that is written while it is sent.</summary>
    private sealed class WrittenContent : HttpContent
    {
        private readonly Func<Stream, CancellationToken, Task> _write;

        public WrittenContent(Func<Stream, CancellationToken, Task> write)
        {
            _write = write;
            Headers.ContentType = new("application/x-tar");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _write(stream, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => _write(stream, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
