namespace Paas.Apps;

public sealed partial class AppStore
{
    /// <summary>The app's config vars are these from now on: what a release that went live brought.</summary>
    public void ReplaceConfigVars(long appId, IReadOnlyList<ConfigVar> vars)
    {
        using var transaction = database.Begin();
        transaction.Execute("DELETE FROM config_vars WHERE app_id = @appId", new { appId });
        foreach (var item in vars)
        {
            Write(transaction, appId, item.Name, item);
        }

        transaction.Commit();
        Interlocked.Increment(ref _configGeneration);
    }
}
