<?php

namespace Shop;

use Greeting\Greeting;

final class Page
{
    public function answer(string $path): string
    {
        return match ($path) {
            '/' => Greeting::to('PHP ' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION),
            '/drivers' => implode(' ', \PDO::getAvailableDrivers()),
            '/database' => self::ask(getenv('DATABASE_URL')),
            '/größe' => 'übergroß',
            default => "no page {$path}",
        } . "\n";
    }

    private static function ask(string|false $url): string
    {
        if ($url === false) {
            return 'no DATABASE_URL';
        }

        ['host' => $host, 'port' => $port, 'user' => $user, 'pass' => $password, 'path' => $path] = parse_url($url);
        $database = new \PDO("pgsql:host={$host};port={$port};dbname=" . trim($path, '/'), $user, $password);
        return 'PostgreSQL says ' . $database->query("select initcap('größe')")->fetchColumn();
    }
}
