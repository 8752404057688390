using System.Net;
using System.Net.Sockets;

namespace Paas.Instances;

/// <summary>One probe: a TCP connect, or a GET when the app has a health path; each on a connection of its own.</summary>
public sealed class HealthProbe : IDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = ConnectPatience,
        PooledConnectionLifetime = TimeSpan.Zero,
    })
    {
        Timeout = AnswerPatience,
    };

    /// <param name="path">Null: a TCP connect is enough.</param>
    public async Task<ProbeAnswer> AskAsync(IPEndPoint endpoint, string? path, CancellationToken cancellationToken)
    {
        try
        {
            return path is null ? await ConnectAsync(endpoint, cancellationToken) : await GetAsync(endpoint, path, cancellationToken);
        }
        catch (Exception error) when (error is SocketException or HttpRequestException { InnerException: SocketException })
        {
            return new ProbeAnswer.Refused();
        }
        catch (HttpRequestException)
        {
            return new ProbeAnswer.NoAnswer();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return path is null ? new ProbeAnswer.Refused() : new ProbeAnswer.NoAnswer();
        }
    }

    public void Dispose() => _client.Dispose();

    private static async Task<ProbeAnswer> ConnectAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ConnectPatience);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint, patience.Token);
        return new ProbeAnswer.Good();
    }

    private async Task<ProbeAnswer> GetAsync(IPEndPoint endpoint, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{endpoint}{path}");
        request.Headers.ConnectionClose = true;
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return (int)response.StatusCode is >= 200 and < 400 ? new ProbeAnswer.Good() : new ProbeAnswer.Status((int)response.StatusCode);
    }
}

/// <summary>What an instance answered to one probe.</summary>
public abstract record ProbeAnswer
{
    private ProbeAnswer()
    {
    }

    public sealed record Good : ProbeAnswer;

    public sealed record Status(int Code) : ProbeAnswer;

    /// <summary>It took the connection and said nothing in time.</summary>
    public sealed record NoAnswer : ProbeAnswer;

    /// <summary>Nobody listens there.</summary>
    public sealed record Refused : ProbeAnswer;
}
