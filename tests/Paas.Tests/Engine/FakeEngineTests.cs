using Paas.Oci;
using Paas.Testing;

namespace Paas.Engine;

public sealed class FakeEngineTests : EngineContract
{
    private readonly FakeEngine _engine = new()
    {
        Fails = spec => spec.Args is ["fail"] ? new ExitInfo(7, DateTimeOffset.UnixEpoch, null) : null,
        OnRun = (_, _, _) => Task.FromResult(new ExitInfo(3, DateTimeOffset.UnixEpoch, null)),
    };

    private protected override IEngine Engine => _engine;

    private protected override ProcessSpec Running(string app, int count) => new()
    {
        Key = new ProcessKey(app, 1, 0, "web"),
        Count = count,
        Image = Digest.Of([]),
        Port = 8080,
    };

    private protected override ProcessSpec Failing(string app) => Running(app, 1) with { Args = ["fail"] };

    private protected override RunSpec OneOff(string id) => new() { Id = id, App = "zeta", Image = Digest.Of([]), Args = [] };
}
