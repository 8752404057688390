using System.Globalization;

namespace Paas.Patching;

public sealed class StackScheduleTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.CreateCustomTimeZone(
        "test",
        TimeSpan.FromHours(1),
        "test",
        "test",
        "test",
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                DateTime.MinValue.Date,
                DateTime.MaxValue.Date,
                TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
        ]);

    [Theory]
    // 2026-11-22 is a Sunday; 4:00 there is 3:00 UTC.
    [InlineData("2026-11-22T02:59:00Z", null, false)]
    [InlineData("2026-11-22T03:00:00Z", null, true)]
    [InlineData("2026-11-22T03:01:00Z", "2026-11-22T03:00:30Z", false)]
    [InlineData("2026-11-22T03:01:00Z", "2026-11-15T03:00:30Z", true)]
    [InlineData("2026-11-23T02:59:00Z", "2026-11-15T03:00:30Z", true)]
    [InlineData("2026-11-23T03:00:00Z", "2026-11-15T03:00:30Z", false)]
    public void It_is_due_from_its_hour_for_a_day_and_once(string now, string? last, bool due)
    {
        var schedule = new StackSchedule(true, DayOfWeek.Sunday, 4, Time("2026-11-01T00:00:00Z"));

        Assert.Equal(due, schedule.IsDue(last is null ? null : Time(last), Time(now), Berlin));
        Assert.False((schedule with { Enabled = false }).IsDue(null, Time(now), Berlin));
    }

    [Fact]
    public void What_was_before_it_was_turned_on_is_not_owed() =>
        Assert.False(new StackSchedule(true, DayOfWeek.Sunday, 4, Time("2026-11-22T03:00:30Z")).IsDue(null, Time("2026-11-22T03:01:00Z"), Berlin));

    [Theory]
    [InlineData("2026-11-21T12:00:00Z", 4, "2026-11-22T03:00:00Z")]
    [InlineData("2026-11-22T03:00:00Z", 4, "2026-11-29T03:00:00Z")]
    // The clock goes from 2:00 to 3:00 on 2026-03-29.
    [InlineData("2026-03-28T12:00:00Z", 2, "2026-03-29T01:00:00Z")]
    public void The_next_turn_is_told(string after, int hour, string next) =>
        Assert.Equal(Time(next), new StackSchedule(true, DayOfWeek.Sunday, hour, default).Next(Time(after), Berlin));

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
