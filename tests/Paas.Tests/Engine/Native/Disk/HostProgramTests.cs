namespace Paas.Engine.Native.Disk;

public sealed class HostProgramTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_it_prints_is_the_result_and_its_environment_is_added_to() =>
        Assert.Equal("yes\n", await HostProgram.OutputAsync("printenv", ["PAAS_TEST"], new Dictionary<string, string> { ["PAAS_TEST"] = "yes" }, Cancelled));

    [Fact]
    public async Task A_failure_holds_the_command_its_code_and_its_words()
    {
        var failure = await Assert.ThrowsAsync<HostProgramException>(() => HostProgram.RunAsync("ls", ["--", "/no/such/folder"], Cancelled));
        Assert.Equal(("ls", 2), (failure.Program, failure.ExitCode));
        Assert.Contains("/no/such/folder", Assert.Single(failure.LastLines), StringComparison.Ordinal);
        Assert.StartsWith("ls -- /no/such/folder failed with exit code 2: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        Assert.Null(await HostProgram.TryRunAsync("no-such-program", [], Cancelled));
        var failure = await Assert.ThrowsAsync<HostProgramException>(() => HostProgram.RunAsync("no-such-program", [], Cancelled));
        Assert.Equal(HostProgramException.NotInstalled, failure.ExitCode);
        Assert.Equal("The program no-such-program is missing: install it and start again.", failure.Message);
    }
}
