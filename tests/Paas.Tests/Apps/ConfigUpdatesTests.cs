using Paas.Client;
using Paas.State;

namespace Paas.Apps;

public sealed class ConfigUpdatesTests
{
    private static readonly IReadOnlyList<ConfigVar> _before = [new("A", "1", RunOnly: false, Plain: false), new("B", "2", RunOnly: true, Plain: true)];

    [Fact]
    public void Marks_change_scope_and_secrecy_and_leave_the_value()
    {
        var after = ConfigUpdates.Apply(_before, Update() with { Marks = new Dictionary<string, ConfigMarks> { ["A"] = new("run", null), ["B"] = new(null, false) } });
        Assert.Equal([new ConfigVar("A", "1", RunOnly: true, Plain: false), new ConfigVar("B", "2", RunOnly: true, Plain: false)], after);
    }

    [Fact]
    public void A_mark_of_a_var_that_is_not_there_is_refused() =>
        Assert.Equal("config_not_found", Assert.Throws<UserError>(() => ConfigUpdates.Apply(_before, Update() with { Marks = new Dictionary<string, ConfigMarks> { ["C"] = new("run", null) } })).Code);

    [Fact]
    public void A_review_says_what_becomes_of_each_var()
    {
        var update = Update(("A", "1"), ("B", null), ("C", "é"));
        var review = ConfigUpdates.Review(_before, ConfigUpdates.Apply(_before, update), update);
        Assert.Equal([new("A", "same", 1), new("B", "removed", null), new("C", "added", 2)], review.Changes);
    }

    [Theory]
    [InlineData("A", "1 False", null)]
    [InlineData("A", "0 False", "Somebody else changed A meanwhile, so nothing was saved: look at what is there now, then save again.")]
    [InlineData("A", null, "Somebody else changed A meanwhile, so nothing was saved: look at what is there now, then save again.")]
    [InlineData("NEW", null, null)]
    [InlineData("NEW", "1 False", "Somebody else changed NEW meanwhile, so nothing was saved: look at what is there now, then save again.")]
    public void Who_looked_at_another_version_is_told(string name, string? seen, string? sentence)
    {
        var update = Update() with { IfVersions = new Dictionary<string, string?> { [name] = seen } };
        var fault = Record.Exception(() => ConfigUpdates.CheckVersions(_before, update, item => $"{item.Value} {item.Plain}"));
        Assert.Equal(sentence, fault?.Message);
    }

    private static UpdateConfig Update(params (string Name, string? Value)[] vars) => new(vars.ToDictionary(item => item.Name, item => item.Value));
}
