namespace Paas.Engine;

public sealed class NativeEngineContractTests : EngineContract, IAsyncLifetime
{
    private EngineLab _lab = null!;

    private protected override IEngine Engine => _lab.Engine;

    public async ValueTask InitializeAsync() => _lab = await EngineLab.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private protected override ProcessSpec Running(string app, int count) => _lab.Process(app, count);

    private protected override ProcessSpec Failing(string app) => _lab.Process(app, 1, "exit", "7");

    private protected override RunSpec OneOff(string id) => new() { Id = id, App = "zeta", Image = _lab.Probe.Digest, Args = ["exit", "3"] };
}
