using Paas.Apps;

namespace Paas.Logs;

public sealed class RedactorTests
{
    [Fact]
    public void Secret_values_are_taken_out_wherever_they_stand() =>
        Assert.Equal("[redacted] and url=postgres://[redacted]@db", Of("hunter2hunter2").Redact("hunter2hunter2 and url=postgres://hunter2hunter2@db"));

    [Fact]
    public void A_line_without_secrets_is_itself()
    {
        const string Line = "nothing to see";
        Assert.Same(Line, Of("hunter2hunter2").Redact(Line));
        Assert.Same(Line, Of().Redact(Line));
    }

    [Fact]
    public void Short_and_plain_values_stay()
    {
        var redactor = Redactor.Of([new ConfigVar("A", "1234567", false, false), new ConfigVar("B", "production", false, Plain: true)]);
        Assert.Equal("1234567 production", redactor.Redact("1234567 production"));
    }

    [Fact]
    public void Each_line_of_a_long_value_counts() =>
        Assert.Equal("key: [redacted]", Of("-----BEGIN KEY-----\r\nMIIEvQIBADANBg\nx\n-----END KEY-----").Redact("key: MIIEvQIBADANBg"));

    [Fact]
    public void Overlapping_secrets_leave_nothing_of_either() =>
        Assert.Equal("<[redacted]>", Of("abcdefgh1234", "efgh12345678", "abcdefgh").Redact("<abcdefgh12345678>"));

    private static Redactor Of(params string[] values) => Redactor.Of(values.Select((value, at) => new ConfigVar($"V{at}", value, false, false)));
}
