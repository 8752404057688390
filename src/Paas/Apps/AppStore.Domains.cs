using Dapper;
using Paas.State;

namespace Paas.Apps;

public sealed partial class AppStore
{
    private const int MaxDomains = 100;

    /// <summary>Domains that were added to the app, by name. The platform's own name for it is not among them: <see cref="PlatformAddress.HostOf"/>.</summary>
    public IReadOnlyList<string> DomainsOf(long appId)
    {
        using var connection = database.Open();
        return connection.Query<string>("SELECT name FROM domains WHERE app_id = @appId ORDER BY name", new { appId }).AsList();
    }

    /// <returns>False when the app has it already.</returns>
    /// <exception cref="UserError">domain_reserved, domain_taken or too_many_domains.</exception>
    public bool AddDomain(App app, DomainName domain)
    {
        var name = domain.ToString();
        if (name == address.HostOf(app.Name))
        {
            return false;
        }

        if (IsPlatforms(name))
        {
            throw new UserError("domain_reserved", 409, $"'{name}' belongs to the platform: apps get their names under {address.BaseDomain} by themselves. Add a domain of your own.");
        }

        using var transaction = database.Begin();
        var owner = transaction.Scalar<long?>("SELECT app_id FROM domains WHERE name = @name", new { name });
        if (owner == app.Id)
        {
            return false;
        }

        if (owner is not null)
        {
            throw new UserError("domain_taken", 409, $"'{name}' is a domain of another app: remove it there first.");
        }

        if (transaction.Scalar<long>("SELECT count(*) FROM domains WHERE app_id = @Id", new { app.Id }) >= MaxDomains)
        {
            throw new UserError("too_many_domains", 409, $"{app.Name} has {MaxDomains} domains: remove one first.");
        }

        transaction.Execute("INSERT INTO domains(name, app_id, created_at) VALUES (@name, @Id, @now)", new { name, app.Id, now = time.GetUtcNow() });
        transaction.Commit();
        return true;
    }

    /// <exception cref="UserError">domain_built_in or domain_not_found.</exception>
    public void RemoveDomain(App app, string name)
    {
        name = name.TrimEnd('.').ToLowerInvariant();
        if (name == address.HostOf(app.Name))
        {
            throw new UserError("domain_built_in", 409, $"'{name}' is the platform's own name for {app.Name} and cannot be removed.");
        }

        using var connection = database.Open();
        if (connection.Execute("DELETE FROM domains WHERE name = @name AND app_id = @Id", new { name, app.Id }) == 0)
        {
            throw new UserError("domain_not_found", 404, $"{app.Name} has no domain '{Printable.Short(name)}'.");
        }
    }

    private bool IsPlatforms(string name) =>
        name == address.BaseDomain || name.EndsWith("." + address.BaseDomain, StringComparison.Ordinal)
        || name == address.BaseUrl.IdnHost || name.EndsWith(".localhost", StringComparison.Ordinal);
}
