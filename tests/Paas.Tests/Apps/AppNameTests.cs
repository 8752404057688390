using Microsoft.Data.Sqlite;
using Paas.State;
using Paas.Testing;

namespace Paas.Apps;

/// <summary>Trust rule 2: one grammar, held by the type and by the database alike. The API takes names as the type only.</summary>
public sealed class AppNameTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("hello-2", true)]
    [InlineData("0", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("Hello", false)]
    [InlineData("a.b", false)]
    [InlineData("a_b", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("../a", false)]
    [InlineData("h\u00e9llo", false)]
    [InlineData("$(id)", false)]
    [InlineData("a123456789a123456789a123456789a123456789a123456789a123456789abc", true)]
    [InlineData("a123456789a123456789a123456789a123456789a123456789a123456789abcd", false)]
    public void Type_and_database_take_the_same_names(string name, bool good)
    {
        using var home = new TempHome();
        using var transaction = home.Database.Begin();
        transaction.Execute("INSERT INTO teams(id, name, created_at) VALUES (1, 'team', '')");
        int Insert() => transaction.Execute("INSERT INTO apps(team_id, name, created_at) VALUES (1, @name, '')", new { name });

        Assert.Equal(good, AppName.TryParse(name, out _));
        if (good)
        {
            Assert.Equal(1, Insert());
        }
        else
        {
            Assert.Throws<SqliteException>(() => Insert());
        }
    }

    [Theory]
    [InlineData("api")]
    [InlineData("git")]
    [InlineData("registry")]
    [InlineData("www")]
    [InlineData("admin")]
    public void Names_of_the_platform_itself_are_no_apps(string name) =>
        Assert.Equal("app_name_reserved", Assert.Throws<UserError>(() => AppName.Parse(name)).Code);
}
