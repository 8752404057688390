using System.Security.Cryptography;
using System.Text;
using Dapper;
using Paas.Accounts;
using Paas.Client;
using Paas.State;
using Paas.Testing;

namespace Paas.Apps;

public sealed class AppStoreConfigTests : IDisposable
{
    private readonly TempHome _temp = new();
    private readonly AppStore _apps;
    private readonly long _app;

    public AppStoreConfigTests()
    {
        _apps = _temp.Apps();
        _app = _apps.Create(new AccountStore(_temp.Database, TimeProvider.System).AddTeam("one"), AppName.Parse("hello")).Id;
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Vars_are_set_kept_and_removed()
    {
        Set(new() { ["B"] = "two\nlines", ["A"] = "1" });
        var before = _apps.ConfigVars(_app);
        Assert.Equal(["A", "B"], before.Select(item => item.Name));
        Assert.Equal(before, ConfigUpdates.Apply(before, new UpdateConfig(new Dictionary<string, string?> { ["A"] = "1", ["GONE"] = null })));
        Set(new() { ["A"] = null, ["B"] = "two\nlines" });
        Assert.Equal([new ConfigVar("B", "two\nlines", false, false)], _apps.ConfigVars(_app));
    }

    [Fact]
    public void Scope_and_plain_stay_until_they_are_given()
    {
        Set(new() { ["A"] = "1" }, scope: "run", plain: true);
        Set(new() { ["A"] = "2" });
        Assert.Equal([new ConfigVar("A", "2", true, true)], _apps.ConfigVars(_app));
        Set(new() { ["A"] = "2" }, scope: "all");
        Assert.False(Assert.Single(_apps.ConfigVars(_app)).RunOnly);
        Assert.Equal("scope_invalid", Assert.Throws<UserError>(() => Set(new() { ["A"] = "2" }, scope: "build")).Code);
    }

    [Fact]
    public void Values_rest_encrypted_and_bound_to_their_place()
    {
        Set(new() { ["A"] = "correct horse battery", ["B"] = "b" });
        using var connection = _temp.Database.Open();
        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        Assert.DoesNotContain("correct horse", File.ReadAllText(_temp.Home.DatabaseFile, Encoding.Latin1), StringComparison.Ordinal);

        connection.Execute("UPDATE config_vars SET value = (SELECT value FROM config_vars WHERE name = 'A') WHERE name = 'B'");
        Assert.ThrowsAny<CryptographicException>(() => _apps.ConfigVars(_app));
    }

    [Theory]
    [InlineData("1A", "config_name_invalid")]
    [InlineData("A-B", "config_name_invalid")]
    [InlineData("A\n", "config_name_invalid")]
    [InlineData("", "config_name_invalid")]
    [InlineData("PORT", "config_port_invalid")]
    [InlineData("PATH", "config_name_reserved")]
    [InlineData("CNB_X", "config_name_reserved")]
    [InlineData("PAAS_X", "config_name_reserved")]
    public void Bad_names_are_refused_with_a_sentence(string name, string code)
    {
        var error = Assert.Throws<UserError>(() => Set(new() { ["GOOD"] = "1", [name] = "x" }));
        Assert.Equal(code, error.Code);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.Empty(_apps.ConfigVars(_app));
    }

    [Fact]
    public void Large_values_are_refused()
    {
        Set(new() { ["A"] = new string('x', 32 * 1024) });
        Assert.Equal("config_value_too_large", Assert.Throws<UserError>(() => Set(new() { ["A"] = new string('x', (32 * 1024) + 1) })).Code);
        Assert.Equal("config_too_large", Assert.Throws<UserError>(() => Set(Enumerable.Range(0, 8).ToDictionary(n => $"V{n}", string? (_) => new string('x', 32 * 1024)))).Code);
        Assert.Equal("config_value_invalid", Assert.Throws<UserError>(() => Set(new() { ["A"] = "a\0b" })).Code);
    }

    private void Set(Dictionary<string, string?> vars, string? scope = null, bool? plain = null) => _apps.Set(_app, vars, scope, plain);
}
