using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Paas.Oci;

namespace Paas.Registry;

/// <summary>What has arrived stays: after a cut connection, a wrong chunk, a restart.</summary>
public sealed class UploadResumeTests : IAsyncLifetime
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(1_500_000);

    private TestRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Digest Sha256 => Digest.Of(Content);

    private static Digest Sha512 => Digest.FromHash(SHA512.HashData(Content));

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync(services => services.AddSingleton(new RegistryOptions
    {
        BodyPatience = TimeSpan.FromSeconds(1),
        LeastBody = 1000,
    }));

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Theory]
    [InlineData("PATCH", false)]
    [InlineData("PATCH", true)]
    [InlineData("PUT", false)]
    public async Task A_cut_connection_leaves_what_arrived_and_the_client_goes_on_from_there(string method, bool afterRestart)
    {
        var location = await Start();
        await SendSome(method, $"{location}?digest={Sha256}", Content.Length, Content[..700_000], cut: true);
        var offset = await OffsetAfterCut(location);
        Assert.InRange(offset, 500_000, 700_000);
        if (afterRestart)
        {
            _registry.Services.GetRequiredService<UploadSessions>().Dispose();
            Assert.Equal(offset, await Offset(location));
        }

        using var done = await Finish(location, offset, Sha256);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        Assert.Equal(Content, await _registry.Client.GetByteArrayAsync(done.Headers.Location, Cancellation));
        Assert.Empty(Partial());
    }

    [Fact]
    public async Task A_restart_in_the_middle_costs_nothing_also_with_sha512()
    {
        var location = await Start();
        (await Send(HttpMethod.Patch, location, Content[..100], "0-99")).Dispose();
        _registry.Services.GetRequiredService<UploadSessions>().Dispose();
        (await Send(HttpMethod.Patch, location, Content[100..200], "100-199")).Dispose();
        _registry.Services.GetRequiredService<UploadSessions>().Dispose();
        using var wrong = await Send(HttpMethod.Patch, location, Content[..100], "0-99");
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, wrong.StatusCode);
        using var done = await Finish(location, 200, Sha512);
        Assert.Equal(HttpStatusCode.Created, done.StatusCode);
        Assert.Equal(Content, await _registry.Client.GetByteArrayAsync($"/v2/hello/blobs/{Sha512}", Cancellation));
    }

    [Fact]
    public async Task A_body_that_only_trickles_is_ended_and_its_bytes_are_kept()
    {
        var location = await Start();
        var answer = await SendSome("PATCH", location, Content.Length, Content[..500], cut: false);
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("BLOB_UPLOAD_INVALID", answer, StringComparison.Ordinal);
        Assert.Equal(500, await Offset(location));
    }

    [Fact]
    public async Task A_cancel_stops_whoever_still_writes()
    {
        var location = await Start();
        var writer = SendSome("PATCH", location, Content.Length, Content[..600_000], cut: false);
        await Arrived(500_000);

        using var cancelled = await _registry.Client.DeleteAsync(location, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, cancelled.StatusCode);
        Assert.Contains("BLOB_UPLOAD_UNKNOWN", await writer, StringComparison.Ordinal);
        Assert.Empty(Partial());
    }

    [Fact]
    public async Task Nobody_sees_a_blob_before_all_of_it_is_there()
    {
        var location = await Start();
        (await Send(HttpMethod.Patch, location, Content, null)).Dispose();
        using var head = await _registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/hello/blobs/{Sha256}"), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        Assert.Empty(_registry.Blobs.All());
    }

    [Fact]
    public async Task An_upload_that_nobody_goes_on_with_is_removed_after_a_day()
    {
        var (fresh, old) = (await Start(), await Start());
        var sessions = _registry.Services.GetRequiredService<UploadSessions>();
        sessions.Dispose();
        File.SetLastWriteTimeUtc(Partial().Single(path => old.EndsWith(Path.GetFileName(path), StringComparison.Ordinal)), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25));
        Assert.Equal((1, 0L), sessions.Purge());
        Assert.Equal(0, await Offset(fresh));
        using var gone = await _registry.Client.GetAsync(old, Cancellation);
        Assert.Equal("404 BLOB_UPLOAD_UNKNOWN", await gone.Error());
    }

    [Theory]
    [InlineData("../../../paas.db")]
    [InlineData("..%2F..%2Fpaas.db")]
    [InlineData("00000000000000000000000000000000")]
    public async Task What_is_no_session_of_ours_is_unknown(string id)
    {
        using var response = await _registry.Client.GetAsync($"/v2/hello/blobs/uploads/{id}", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private string[] Partial() => Directory.Exists(Path.Combine(_registry.Blobs.Root, "uploads")) ? Directory.GetFiles(Path.Combine(_registry.Blobs.Root, "uploads"), "*", SearchOption.AllDirectories) : [];

    private async Task<string> Start()
    {
        using var response = await _registry.Client.PostAsync("/v2/hello/blobs/uploads/", null, Cancellation);
        return response.Headers.Location!.ToString();
    }

    private async Task<long> Offset(string location)
    {
        using var status = await _registry.Client.GetAsync(location, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
        var last = long.Parse(status.Headers.GetValues("Range").Single()["0-".Length..], CultureInfo.InvariantCulture);
        return last == 0 ? 0 : last + 1;
    }

    /// <summary>The server needs a moment to see that its client is gone.</summary>
    private async Task<long> OffsetAfterCut(string location)
    {
        for (var end = Environment.TickCount64 + 20_000; Environment.TickCount64 < end;)
        {
            if (await Offset(location) is > 0 and var offset)
            {
                return offset;
            }

            await Task.Delay(10, Cancellation);
        }

        return 0;
    }

    /// <summary>Until so many bytes are in the file.</summary>
    private async Task Arrived(long count)
    {
        for (var end = Environment.TickCount64 + 20_000; Environment.TickCount64 < end && Partial().Sum(file => new FileInfo(file).Length) < count;)
        {
            await Task.Delay(10, Cancellation);
        }
    }

    private Task<HttpResponseMessage> Finish(string location, long offset, Digest digest) =>
        Send(HttpMethod.Put, $"{location}?digest={digest}", Content[(int)offset..], string.Create(CultureInfo.InvariantCulture, $"{offset}-{Content.Length - 1}"));

    private async Task<HttpResponseMessage> Send(HttpMethod method, string location, byte[] content, string? range)
    {
        var body = new ByteArrayContent(content);
        if (range is not null)
        {
            body.Headers.TryAddWithoutValidation("Content-Range", range);
        }

        return await _registry.Client.SendAsync(new HttpRequestMessage(method, location) { Content = body }, Cancellation);
    }

    /// <summary>Promises a length and sends less; then goes away, or waits for the answer.</summary>
    private async Task<string> SendSome(string method, string target, int promised, byte[] sent, bool cut)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _registry.Url.Port, Cancellation);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {_registry.Client.DefaultRequestHeaders.Authorization}\r\nContent-Length: {promised.ToString(CultureInfo.InvariantCulture)}\r\n\r\n"), Cancellation);
        await stream.WriteAsync(sent, Cancellation);
        if (cut)
        {
            await Arrived(500_000);
            return "";
        }

        // Headers and body may come apart.
        var answer = new StringBuilder();
        var buffer = new byte[8192];
        while (!answer.ToString().Contains("errors", StringComparison.Ordinal) && await stream.ReadAsync(buffer, Cancellation) is > 0 and var count)
        {
            answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return answer.ToString();
    }
}
