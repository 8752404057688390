using Paas.Apps;

namespace Paas.Instances;

public sealed class WithoutWebTests
{
    [Fact]
    public void A_release_with_web_has_nothing_to_say() => Assert.Null(WithoutWeb.Say(["web", "worker"], []));

    [Theory]
    [InlineData("worker", "no web process; worker is at 0: paas ps scale worker=1")]
    [InlineData("worker release clock", "no web process; clock and worker are at 0: paas ps scale clock=1 worker=1")]
    [InlineData("release", "no web process and no other: name what should run in a Procfile")]
    public void Before_it_is_scaled_it_says_how(string types, string sentence) => Assert.Equal(sentence, WithoutWeb.Say(types.Split(' '), []));

    [Fact]
    public void Once_something_runs_it_counts() =>
        Assert.Equal("no web process; clock is at 0, worker is at 2", WithoutWeb.Say(["worker", "clock"], [new Formation("worker", 2)]));
}
