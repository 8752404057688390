namespace Paas.Buildpacks;

public sealed class OrderTests
{
    [Fact]
    public void An_order_toml_lists_groups_of_entries()
    {
        var order = Order.Parse("""
            [[order]]
            [[order.group]]
            id = "paas/node"
            version = "1"
            [[order.group]]
            id = "paas/procfile"
            optional = true
            [[order]]
            group = [{ id = "paas/static" }]
            """);

        Assert.Equal([new OrderEntry("paas/node", "1"), new OrderEntry("paas/procfile", Optional: true)], order.Groups[0].Entries);
        Assert.Equal([new OrderEntry("paas/static")], order.Groups[1].Entries);
    }

    [Theory]
    [InlineData("[[order]]\n[[order.group]]\nversion = \"1\"", "line 2, column 3: A group entry of the order has no id.")]
    [InlineData("order = 1", "line 1, column 1: 'order' must be an array of tables.")]
    [InlineData("[[order-extensions]]", "the order has image extensions (order-extensions), which this platform does not run.")]
    public void What_is_no_order_is_told(string toml, string problem) =>
        Assert.Equal(problem, Assert.Throws<FormatException>(() => Order.Parse(toml)).Message);
}
