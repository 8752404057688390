using Paas.Engine;
using Paas.Testing;

namespace Paas.Instances;

public sealed class CpuMeterTests
{
    private static readonly InstanceId _id = new(new ProcessKey("a1", 1, 0, "web"), 1);
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Use_is_what_was_added_since_the_last_look()
    {
        var meter = new CpuMeter(_time);
        Assert.Null(meter.Percent(_id, "run1", TimeSpan.FromSeconds(10)));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(50, meter.Percent(_id, "run1", TimeSpan.FromSeconds(12)));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(150, meter.Percent(_id, "run1", TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public void Two_who_look_at_once_see_the_same_number()
    {
        var meter = new CpuMeter(_time);
        meter.Percent(_id, "run1", TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(100, meter.Percent(_id, "run1", TimeSpan.FromSeconds(2)));
        Assert.Equal(100, meter.Percent(_id, "run1", TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Another_run_and_a_look_long_ago_count_for_nothing()
    {
        var meter = new CpuMeter(_time);
        meter.Percent(_id, "run1", TimeSpan.FromSeconds(100));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(meter.Percent(_id, "run2", TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(meter.Percent(_id, "run2", TimeSpan.FromSeconds(2)));
    }
}
