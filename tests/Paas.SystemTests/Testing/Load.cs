using System.Net;

namespace Paas.Testing;

/// <summary>Steady visitors of one page, from now until told to stop; remembers every answer that was not the expected one.</summary>
public sealed class Load : IDisposable
{
    private readonly CancellationTokenSource _enough = new();
    private readonly HttpClient _visitor;
    private readonly Uri _url;
    private readonly HttpStatusCode[] _expected;
    private readonly Lock _counting = new();
    private readonly Task _running;
    private List<string> _wrong = [];
    private int _answered;

    /// <param name="expected">200 when empty.</param>
    public Load(Platform platform, Uri url, int visitors = 2, params HttpStatusCode[] expected)
    {
        _visitor = platform.Visitor();
        _url = url;
        _expected = expected is [] ? [HttpStatusCode.OK] : expected;
        _running = Task.WhenAll(Enumerable.Range(0, visitors).Select(_ => Task.Run(VisitAsync)));
    }

    /// <summary>How many answers were as expected.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>What was wrong until now does not count.</summary>
    public void Forgive()
    {
        lock (_counting)
        {
            _wrong = [];
        }
    }

    /// <summary>What was wrong; empty is good.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        await _enough.CancelAsync();
        await _running;
        return _wrong;
    }

    public void Dispose()
    {
        _enough.Cancel();
        _visitor.Dispose();
        _enough.Dispose();
    }

    private async Task VisitAsync()
    {
        while (!_enough.IsCancellationRequested)
        {
            try
            {
                using var answer = await _visitor.GetAsync(_url);
                if (_expected.Contains(answer.StatusCode))
                {
                    Interlocked.Increment(ref _answered);
                }
                else
                {
                    Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                Add(error.ToString());
            }

            await Task.Delay(5);
        }
    }

    private void Add(string wrong)
    {
        lock (_counting)
        {
            _wrong.Add($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {wrong}");
        }
    }
}
