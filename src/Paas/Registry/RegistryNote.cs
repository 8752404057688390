namespace Paas.Registry;

/// <summary>What somebody did to a repository or with the registry's tokens, for the activity log.</summary>
/// <param name="AppId">Null where no app is concerned.</param>
/// <param name="Actor">User name, "robot NAME" or "node NAME".</param>
/// <param name="Action">Stable: registry.pushed, registry.deleted, registry.visibility, registry.changed, registry.token_created, registry.token_revoked or registry.locked.</param>
/// <param name="Text">A sentence for people; no secrets.</param>
public sealed record RegistryNote(long TeamId, long? AppId, string Actor, string Action, string Text);

/// <summary>Called after each <see cref="RegistryNote"/>; the platform's own writes are none.</summary>
public delegate void RegistryNoted(RegistryNote change);
