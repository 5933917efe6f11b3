import { NavLink, useSearchParams } from 'react-router';
import { Icon } from '../components/Icon.js';
import { scopedSearch } from '../scope/scope.js';
import { addressOf, usePages } from './pages.js';

export function Rail() {
  const [parameters] = useSearchParams();
  return (
    <nav className="rail" aria-label="Pages">
      {usePages().map((page) => (
        <NavLink
          key={page.path}
          to={{ pathname: addressOf(page), search: scopedSearch(parameters) }}
          end={page.path === ''}
          title={`${page.title} (g ${page.key})`}
        >
          <Icon name={page.icon} />
          <span>{page.title}</span>
        </NavLink>
      ))}
    </nav>
  );
}
