namespace Paas.Accounts;

/// <summary>What somebody did to an account, for the activity log.</summary>
/// <param name="Actor">User name.</param>
/// <param name="Action">Stable: "session.began".</param>
/// <param name="Text">A sentence for people; no secrets.</param>
public sealed record AccountChange(long TeamId, string Actor, string Action, string Text);

/// <summary>Called after each <see cref="AccountChange"/>.</summary>
public delegate void AccountChanged(AccountChange change);
