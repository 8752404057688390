using Paas.Engine;
using Paas.Testing;

namespace Paas.Metrics;

public sealed class InstanceHistoryTests
{
    private static readonly InstanceId Web = new(new ProcessKey("a1", 1, 1, "web"), 1);
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly InstanceHistory _history = new();

    [Fact]
    public void Memory_is_the_greatest_and_cpu_the_average_of_a_step()
    {
        Add(megabytes: 10, cpuSeconds: 1);
        Step(megabytes: 30, cpuSeconds: 2);
        Step(megabytes: 20, cpuSeconds: 5);
        Assert.Equal([new InstanceSample(null, null), new InstanceSample(10, null), new InstanceSample(30, 10), new InstanceSample(20, 30)], Of(InstanceHistory.Step, 4));
        Assert.Equal(new InstanceSample(30, 20), Of(60, 1).Single());
    }

    [Fact]
    public void New_run_begins_without_a_cpu_value()
    {
        Add(megabytes: 10, cpuSeconds: 100);
        Step(megabytes: 10, cpuSeconds: 1);
        Assert.Null(Of(InstanceHistory.Step, 1).Single().Cpu);
    }

    [Fact]
    public void What_is_older_than_an_hour_is_gone()
    {
        Add(megabytes: 10, cpuSeconds: 1);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.All(Of(InstanceHistory.Step, 360), static sample => Assert.Null(sample.MemoryMb));
        _time.Advance(TimeSpan.FromSeconds(1));
        _history.Sweep(_time.GetUtcNow());
        _time.Advance(TimeSpan.FromHours(-1));
        Assert.All(Of(InstanceHistory.Step, 360), static sample => Assert.Null(sample.MemoryMb));
    }

    private void Step(int megabytes, int cpuSeconds)
    {
        _time.Advance(TimeSpan.FromSeconds(InstanceHistory.Step));
        Add(megabytes, cpuSeconds);
    }

    private void Add(int megabytes, int cpuSeconds) =>
        _history.Add(Web, new InstanceUsage((long)megabytes << 20, 512L << 20, TimeSpan.FromSeconds(cpuSeconds)), _time.GetUtcNow());

    private IReadOnlyList<InstanceSample> Of(int step, int count) => _history.Of(Web, _time.GetUtcNow(), step, count);
}
