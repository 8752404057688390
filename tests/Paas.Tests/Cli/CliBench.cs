using System.Text;

namespace Paas.Cli;

/// <summary>The command line in a home of its own, against a real server that speaks the contract.</summary>
internal sealed class CliBench : IAsyncDisposable
{
    public static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly WebApplication _server;

    private CliBench(WebApplication server)
    {
        _server = server;
        Variables = new(StringComparer.Ordinal) { ["HOME"] = Home, ["PAAS_URL"] = Url, ["PAAS_TOKEN"] = "secret" };
    }

    public string Home { get; } = Directory.CreateTempSubdirectory("paas-cli-").FullName;

    public string Url => $"http://platform.localhost:{new Uri(_server.Urls.First()).Port}";

    public Dictionary<string, string> Variables { get; }

    /// <summary>What is printed goes to a terminal.</summary>
    public bool OutIsTerminal { get; set; }

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    /// <summary>Method, path and body of each request.</summary>
    public List<string> Requests { get; } = [];

    public static async Task<CliBench> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = builder.Build();
        var bench = new CliBenchRoutes();
        server.UseWebSockets();
        server.Run(bench.AnswerAsync);
        await server.StartAsync(TestContext.Current.CancellationToken);
        var made = new CliBench(server);
        bench.Requests = made.Requests;
        return made;
    }

    public async Task<int> RunAsync(string command, string input = "") => await RunAsync(command.Split(' ', StringSplitOptions.RemoveEmptyEntries), input);

    public async Task<int> RunAsync(string[] args, string input = "")
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var rawOutput = new MemoryStream();
        using var rawError = new MemoryStream();
        var exitCode = await CommandLine.RunAsync(args, new Surroundings
        {
            Out = output,
            Error = error,
            OpenInput = () => new MemoryStream(Encoding.UTF8.GetBytes(input)),
            OpenOutput = () => rawOutput,
            OpenError = () => rawError,
            Variables = Variables,
            Folder = Home,
            OutIsTerminal = OutIsTerminal,
        }, TestContext.Current.CancellationToken);
        (Output, Error) = (output + Encoding.UTF8.GetString(rawOutput.ToArray()), error + Encoding.UTF8.GetString(rawError.ToArray()));
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(Home, recursive: true);
    }
}
