using Paas.Testing;

namespace Paas.Accounts.SignIn;

public sealed class SignInLimitsTests
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly SignInLimits _limits;

    public SignInLimitsTests() => _limits = new SignInLimits(_time);

    [Fact]
    public void The_eleventh_try_for_an_account_waits_15_minutes_from_wherever_it_comes()
    {
        for (var number = 0; number < 10; number++)
        {
            Assert.Null(_limits.Begin("ada", $"192.0.2.{number}"));
        }

        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(15), _limits.Begin("ada", "198.51.100.1"));
        Assert.Null(_limits.Begin("bob", "198.51.100.1"));
        _time.Advance(TimeSpan.FromMinutes(15));
        Assert.Null(_limits.Begin("ada", "198.51.100.1"));
    }

    [Fact]
    public void Tries_that_are_15_minutes_old_do_not_count()
    {
        for (var number = 0; number < 40; number++)
        {
            Assert.Null(_limits.Begin("ada", "192.0.2.1"));
            _time.Advance(TimeSpan.FromMinutes(2));
        }
    }

    [Fact]
    public void A_right_password_starts_the_count_anew()
    {
        for (var number = 0; number < 100; number++)
        {
            Assert.Null(_limits.Begin("ada", "192.0.2.1"));
            _limits.Succeeded("ada", "192.0.2.1");
        }
    }

    [Fact]
    public void A_new_password_ends_the_wait()
    {
        for (var number = 0; number < 10; number++)
        {
            Assert.Null(_limits.Begin("ada", "192.0.2.1"));
        }

        Assert.NotNull(_limits.Begin("ada", "192.0.2.1"));
        _limits.Renewed("ada");
        Assert.Null(_limits.Begin("ada", "192.0.2.1"));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:2:ffff::9")]
    public void An_address_gets_50_tries_whatever_the_names(string first, string second)
    {
        for (var number = 0; number < 50; number++)
        {
            Assert.Null(_limits.Begin($"user{number}", number % 2 == 0 ? first : second));
        }

        Assert.NotNull(_limits.Begin("other", second));
        Assert.Null(_limits.Begin("other", "203.0.113.5"));
    }
}
