using System.Net;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>PHP behind nginx, pushed and visited. The package repository may be out of reach: packages come from folders of the app.</summary>
public sealed class PhpTests(Platform platform)
{
    [Fact]
    public async Task A_front_controller_and_its_packages_are_served_by_nginx_and_fpm()
    {
        await using var app = await PushedApp.CreateAsync(platform, "php-composer");
        var cold = (await app.PushAsync()).Succeeded();
        Assert.Contains("PHP 8.4", cold.Error, StringComparison.Ordinal);
        Assert.Contains("require of composer.json asks for ^8.2", cold.Error, StringComparison.Ordinal);
        Assert.Contains("document root: public, because public/ has the index", cold.Error, StringComparison.Ordinal);
        Assert.Equal("hello from PHP 8.4\n", (await app.VisitAsync()).Body);
        Assert.Contains("pgsql", (await app.VisitAsync("/drivers")).Body, StringComparison.Ordinal);
        Assert.Equal("übergroß\n", (await app.VisitAsync("/größe")).Body);
        Assert.Equal("p { color: teal }\n", (await app.VisitAsync("/style.css")).Body);
        Assert.DoesNotContain("sample/shop", (await app.VisitAsync("/composer.json")).Body, StringComparison.Ordinal);

        await app.WriteAsync("packages/greeting/src/Greeting.php", "<?php\nnamespace Greeting;\nfinal class Greeting { public static function to(string $name): string { return \"changed\"; } }\n");
        await app.CommitAsync("A package that is a folder");
        (await app.PushAsync()).Succeeded();
        Assert.Equal("changed\n", (await app.VisitAsync()).Body);
        await app.RefusesAsync("composer.json has packages but there is no composer.lock, so nobody can say which versions to install. Run 'composer update' and commit composer.lock.", ("composer.lock", null));
    }

    [Fact]
    public async Task Pages_alone_need_no_file_of_Composer()
    {
        await using var app = await PushedApp.CreateAsync(platform, null);
        await app.WriteAsync("index.php", "<?php echo 'page ', $_GET['name'] ?? 'one';");
        await app.WriteAsync("other.php", "<?php echo 'other', $_SERVER['PATH_INFO'] ?? '';");
        await app.WriteAsync("vendor/secret.php", "<?php echo 'secret';");
        await app.CommitAsync("Pages");
        (await app.PushAsync()).Succeeded();
        Assert.Equal("page two", (await app.VisitAsync("/?name=two")).Body);
        Assert.Equal("other", (await app.VisitAsync("/other.php")).Body);
        Assert.Equal("other/more", (await app.VisitAsync("/other.php/more")).Body);
        Assert.Equal(HttpStatusCode.NotFound, (await app.VisitAsync("/.git/config")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await app.VisitAsync("/vendor/secret.php")).Status);
    }
}
