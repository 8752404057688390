using Paas.Client;

namespace Paas.Dashboard.Pages.Account;

/// <summary>What the account page shows.</summary>
/// <param name="HasPassword">One is set.</param>
/// <param name="NeedsCurrent">A new password is taken with the current one only.</param>
/// <param name="MayAdd">Signed in recently enough to add another way in.</param>
/// <param name="Done">What has just worked; null: nothing.</param>
/// <param name="Problem">What has not.</param>
public sealed record AccountModel(
    string User, bool HasPassword, bool NeedsCurrent, bool MayAdd, IReadOnlyList<PasskeyItem> Passkeys, IReadOnlyList<SessionView> Sessions, string? Done, string? Problem);

/// <param name="LastUsedAt">Null: not yet.</param>
public sealed record PasskeyItem(long Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);
