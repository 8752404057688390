using System.Runtime.InteropServices;
using Paas;
using Paas.Builds;
using Paas.Edge;
using Paas.Keep;
using Paas.State;

// One binary, one role a process (architecture, "Processes on a server").
try
{
    return args switch
    {
        ["control"] => await ControlRole.RunAsync(CancellationToken.None),
        ["edge"] => await EdgeAsync(),
        ["keep"] => await KeepAsync(),
        ["down"] => await DownCommand.RunAsync(CancellationToken.None),
        ["stack", .. var rest] => await StackCommand.RunAsync(rest, CancellationToken.None),
        _ => Usage(),
    };
}
catch (Exception error) when (error is UserError or FormatException)
{
    await Console.Error.WriteLineAsync($"paasd: {error.Message}");
    return 2;
}

static async Task<int> EdgeAsync()
{
    using var stop = new CancellationTokenSource();
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
    {
        context.Cancel = true;
        stop.Cancel();
    });
    await EdgeRole.RunAsync(EdgeOptions.FromEnvironment(Environment.GetEnvironmentVariable), stop.Token);
    return 0;
}

static async Task<int> KeepAsync()
{
    using var logging = LoggerFactory.Create(builder => builder.AddSimpleConsole(console =>
    {
        console.SingleLine = true;
        console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
        console.UseUtcTimestamp = true;
    }));
    return await KeepRole.RunAsync(KeepOptions.FromEnvironment(Environment.GetEnvironmentVariable), logging.CreateLogger("keep"), TimeProvider.System, CancellationToken.None);
}

static int Usage()
{
    Console.Error.WriteLine("usage: paasd control | edge | keep | down | stack [--refresh]");
    return 2;
}
