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
        ["control"] => await IdleMemory.AroundAsync(ControlRole.RunAsync(CancellationToken.None), TimeProvider.System),
        ["edge"] => await IdleMemory.AroundAsync(EdgeRole.RunAsync(EdgeOptions.FromEnvironment(), CancellationToken.None), TimeProvider.System),
        ["keep"] => KeepRole.Run(),
        ["down"] => await DownCommand.RunAsync(CancellationToken.None),
        ["signin-link"] => await SignInLinkCommand.RunAsync(null, CancellationToken.None),
        ["signin-link", var user] => await SignInLinkCommand.RunAsync(user, CancellationToken.None),
        ["stack", .. var rest] => await StackCommand.RunAsync(rest, CancellationToken.None),
        _ => Usage(),
    };
}
catch (UserError error)
{
    await Console.Error.WriteLineAsync($"paasd: {error.Message}");
    return 2;
}

static int Usage()
{
    Console.Error.WriteLine("usage: paasd control | edge | keep | down | signin-link [user] | stack [--refresh]");
    return 2;
}
