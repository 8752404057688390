using Paas.Apps;
using Paas.Logs;

namespace Paas.Deploys;

public sealed class DeployLogSecretsTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("paas-deploylog-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Secrets_reach_neither_the_file_nor_the_terminal_and_the_file_is_its_owners_alone()
    {
        var file = Path.Combine(_root.FullName, "1", "7.jsonl");
        var shown = new List<string>();
        var redactor = Redactor.Of([new ConfigVar("DATABASE_URL", "postgres://hidden", RunOnly: false, Plain: false)]);
        using (var log = new DeployLog(file, redactor.Redact, shown.Add, _ => { }, TimeProvider.System))
        {
            log.Phase("build");
            log.Line("connecting to postgres://hidden/db");
            log.Verdict("postgres://hidden", well: false);
        }

        Assert.DoesNotContain("hidden", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.DoesNotContain(shown, line => line.Contains("hidden", StringComparison.Ordinal));
        Assert.Contains(Redactor.Mark, shown[^1], StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }
}
