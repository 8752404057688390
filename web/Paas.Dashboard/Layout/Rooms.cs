using System.Reflection;
using Microsoft.AspNetCore.Components;

namespace Paas.Dashboard.Layout;

/// <summary>The navigation, as the pages declare it: no entry before the room exists.</summary>
public static class Rooms
{
    private static readonly IReadOnlyList<Room> All =
    [
        .. from page in typeof(Rooms).Assembly.GetTypes()
           let room = page.GetCustomAttribute<RoomAttribute>()
           where room is not null
           orderby room.Order
           select new Room(room.Title, room.Icon, page.GetCustomAttributes<RouteAttribute>().First().Template),
    ];

    public static IReadOnlyList<Room> OfPlatform { get; } = [.. All.Where(room => !room.IsOfApp)];

    public static IReadOnlyList<Room> OfApp(string app) => [.. All.Where(room => room.IsOfApp).Select(room => room with { Address = room.Address.Replace("{App}", app, StringComparison.Ordinal) })];

    /// <summary>Null on an address that is not of one app.</summary>
    /// <param name="path">Relative to the base: "apps/hello/logs?type=web".</param>
    public static string? AppOf(string path) => path.Split('?', '#')[0].Split('/') is ["apps", { Length: > 0 } app, ..] && app != "new" ? Uri.UnescapeDataString(app) : null;

    /// <param name="Address">"/apps/{App}/deploys".</param>
    public sealed record Room(string Title, string Icon, string Address)
    {
        public bool IsOfApp => Address.Contains("{App}", StringComparison.Ordinal);

        /// <summary>The place that other places lie below: only its own address lights its entry.</summary>
        public bool IsRoot => Address.Count(letter => letter == '/') == (Address.StartsWith("/apps/", StringComparison.Ordinal) ? 2 : 1) && (Address == "/" || Address.StartsWith("/apps/", StringComparison.Ordinal));
    }
}
